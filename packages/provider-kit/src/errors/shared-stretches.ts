import type { ComparedText } from './folded-text.ts'

/** What counts as shared: `window` characters in a row, or all of a hidden text that is shorter, from `shortest` on. */
export interface SharedSize {
  readonly window: number
  readonly shortest: number
}

const HASH_BASE = 0x01_00_01_93
// Engines look integers of thirty bits up more quickly.
const SMALL = 0x3f_ff_ff_ff

/** A text compared character by character. */
export function comparedVerbatim(text: string): ComparedText {
  const starts = Array.from(text.split(''), (_, at) => at)
  return { text, starts, ends: starts.map((at) => at + 1) }
}

/** Marks in `covered` what of a text also stands in `hidden`. Linear in both, whoever wrote them. */
export function coverShared(
  covered: Uint8Array,
  { text, starts, ends }: ComparedText,
  hidden: string,
  { window, shortest }: SharedSize,
): void {
  const length = Math.min(window, hidden.length)
  if (length < shortest || !mayShare(text, hidden, length)) return
  const shown = new Map<number, number[]>()
  eachStretch(text, length, (hash, at) => {
    const places = shown.get(hash)
    if (places) places.push(at)
    else shown.set(hash, [at])
  })
  eachStretch(hidden, length, (hash) => {
    for (const at of shown.get(hash) ?? []) covered.fill(1, starts[at], ends[at + length - 1])
    shown.delete(hash)
  })
}

/** The text with a mark in place of every stretch that is covered. */
export function masked(text: string, covered: Uint8Array, mark: string): string {
  let result = ''
  for (let at = 0; at < text.length; at += 1) {
    if (!covered[at]) result += text.charAt(at)
    else if (at === 0 || !covered[at - 1]) result += mark
  }
  return result
}

/** A stretch holds a whole aligned half of one: looking for those is enough to rule most texts out. */
function mayShare(text: string, hidden: string, length: number): boolean {
  const half = Math.max(1, Math.floor(length / 2))
  for (let at = 0; at + half <= text.length; at += half) if (hidden.includes(text.slice(at, at + half))) return true
  return false
}

/** Visits the rolling hash of every `length` characters in a row. Where two collide, a stretch is masked that need not be. */
function eachStretch(text: string, length: number, visit: (hash: number, at: number) => void): void {
  let leaving = 1
  for (let at = 0; at < length; at += 1) leaving = Math.imul(leaving, HASH_BASE)
  let hash = 0
  for (let end = 0; end < text.length; end += 1) {
    hash = (Math.imul(hash, HASH_BASE) + text.charCodeAt(end)) | 0
    if (end >= length) hash = (hash - Math.imul(leaving, text.charCodeAt(end - length))) | 0
    if (end >= length - 1) visit(hash & SMALL, end - length + 1)
  }
}
