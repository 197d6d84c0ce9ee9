// The text formats that producers and checkers must agree on: what a bounded selector means in a file, how a piece of
// evidence stands in a prompt, and how an answer quotes it. All are plain text that any model can read and write.
import { parseSelector } from './references.ts'

/** The text of a source file as evidence quotes it: UTF-8 with its byte-order mark kept, or undefined for anything else. */
export function decodeSourceText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * The part of a file's text that a `lines:` or `span:` selector names, or undefined when the file has no such part.
 * Lines end at LF, so a CR before it belongs to its line; the LF of the last line is left out.
 */
export function selectText(text: string, selector: string): string | undefined {
  const parsed = parseSelector(selector)
  if (parsed?.kind === 'lines') {
    const lines = text.split('\n')
    return parsed.end > lines.length ? undefined : lines.slice(parsed.start - 1, parsed.end).join('\n')
  }
  if (parsed?.kind === 'span') {
    const start = unitOffset(text, 0, parsed.start)
    const end = start === undefined ? undefined : unitOffset(text, start, parsed.end - parsed.start)
    return end === undefined ? undefined : text.slice(start, end)
  }
  return undefined
}

/** Where that part begins in the text, in UTF-16 units. */
export function selectionStart(text: string, selector: string): number | undefined {
  const parsed = parseSelector(selector)
  if (parsed?.kind === 'span') return unitOffset(text, 0, parsed.start)
  if (parsed?.kind !== 'lines') return undefined
  let start = 0
  for (let line = 1; line < parsed.start; line += 1) {
    const end = text.indexOf('\n', start)
    if (end === -1) return undefined
    start = end + 1
  }
  return start
}

/** The UTF-16 offset `codePoints` code points after `from`, or undefined beyond the end. */
function unitOffset(text: string, from: number, codePoints: number): number | undefined {
  let offset = from
  for (let left = codePoints; left > 0; left -= 1) {
    const codePoint = text.codePointAt(offset)
    if (codePoint === undefined) return undefined
    offset += codePoint > 0xffff ? 2 : 1
  }
  return offset
}

export interface EvidenceBlock {
  /** Canonical source id, `file:<path>` for workspace files. */
  readonly sourceId: string
  readonly startLine: number
  readonly endLine: number
  readonly text: string
}

// Attacker-controlled text may imitate a delimiter; such a line gets one backslash more, and loses it when read back.
const DELIMITER_LIKE = /^<<(\\*)(source|end) /gm
const ESCAPED_DELIMITER = /^<<\\(\\*)(source|end) /gm
const OPENING = /^<<source ([0-9a-f]{16}) (?:lines:(\d{1,10})-(\d{1,10}) )?([^\n]+)>>$/
const CLOSING = /^<<end ([0-9a-f]{16})>>$/

/** Text as it stands in a prompt: lines that imitate a delimiter carry a backslash more. */
export function escapeEvidenceText(text: string): string {
  return text.includes('<<') ? text.replace(DELIMITER_LIKE, String.raw`<<\$1$2 `) : text
}

/** Renders untrusted text between delimiters that carry the call's nonce (ACE-013). */
export function formatEvidenceBlock(block: EvidenceBlock, nonce: string): string {
  return formatUntrustedText(`lines:${block.startLine}-${block.endLine} ${block.sourceId}`, block.text, nonce)
}

/** The same delimiters for untrusted text that is no quotable evidence, such as tool output; `label` is one line. */
export function formatUntrustedText(label: string, text: string, nonce: string): string {
  return `<<source ${nonce} ${label}>>\n${escapeEvidenceText(text)}\n<<end ${nonce}>>`
}

/**
 * A rendered prompt taken apart: its evidence blocks, in order and with their text as it stood in the source, and the pieces
 * of text that stand between no delimiters, the first before and the last behind all of them. An opening delimiter that nothing
 * closes is ordinary text. Linear in the length of the prompt, which may be hostile.
 */
export function splitEvidence(prompt: string): { readonly blocks: EvidenceBlock[]; readonly outside: string[] } {
  const lines = delimiterLines(prompt)
  const lastClosing = new Map<string, number>()
  for (const { start, line } of lines) {
    const nonce = CLOSING.exec(line)?.[1]
    if (nonce !== undefined) lastClosing.set(nonce, start)
  }
  const blocks: EvidenceBlock[] = []
  const outside: string[] = []
  let outsideFrom = 0
  let open: { head: RegExpExecArray; start: number; textFrom: number } | undefined
  for (const { start, line } of lines) {
    const after = start + line.length + 1
    if (open === undefined) {
      const head = OPENING.exec(line)
      if (head && (lastClosing.get(head[1] ?? '') ?? -1) >= after) open = { head, start, textFrom: after }
    } else if (CLOSING.exec(line)?.[1] === open.head[1]) {
      const [, , first, last, sourceId = ''] = open.head
      const text = prompt.slice(open.textFrom, start - 1).replace(ESCAPED_DELIMITER, '<<$1$2 ')
      // Without lines it is untrusted text that nothing may quote.
      if (first !== undefined) blocks.push({ sourceId, startLine: Number(first), endLine: Number(last), text })
      outside.push(prompt.slice(outsideFrom, open.start))
      outsideFrom = after
      open = undefined
    }
  }
  outside.push(prompt.slice(outsideFrom))
  return { blocks, outside }
}

/** Offset and text of every line that starts like a delimiter. */
function delimiterLines(prompt: string): { readonly start: number; readonly line: string }[] {
  const lines: { start: number; line: string }[] = []
  for (let start = 0, before = 0; before !== -1; before = prompt.indexOf('\n<<', start), start = before + 1) {
    if (!prompt.startsWith('<<', start)) continue
    const newline = prompt.indexOf('\n', start)
    lines.push({ start, line: prompt.slice(start, newline === -1 ? prompt.length : newline) })
  }
  return lines
}

/** A verbatim quotation in an answer: a line `path:first-last`, then the quoted lines behind `> `. */
export interface Quotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly text: string
}

const LIST_MARKER = /^[ \t]*(?:[-*][ \t]+|\d{1,4}[.)][ \t]+)?/
const POSITION = /:(\d{1,7})(?:-(\d{1,7}))?$/
const BARE_PATH = /^[^\s`>:][^\n`:]*$/
const WRAPPERS: Readonly<Record<string, string>> = { '`': '`', '[': ']', '(': ')' }

/** Renders one quotation in the format `parseQuotations` reads. */
export function formatQuotation({ path, startLine, endLine, text }: Quotation): string {
  const bare = `${path}:${startLine}-${endLine}`
  const head = parseHead(bare)?.path === path ? bare : `\`${bare}\``
  const lines = text.split('\n').map((line) => (line === '' ? '>' : `> ${line}`))
  return `${head}\n${lines.join('\n')}`
}

/** Every quotation of an answer, in order. Text that only looks similar is not a quotation and is not returned. */
export function parseQuotations(answer: string): Quotation[] {
  const lines = answer.split(/\r?\n/)
  const quotations: Quotation[] = []
  for (let index = 0; index < lines.length; index += 1) {
    if (!isQuoted(lines[index + 1])) continue
    const head = parseHead(lines[index] ?? '')
    if (!head) continue
    const quoted: string[] = []
    for (let line = lines[index + 1]; line !== undefined && isQuoted(line); line = lines[index + 1]) {
      quoted.push(line.replace(/^[ \t]*> ?/, ''))
      index += 1
    }
    quotations.push({ ...head, text: quoted.join('\n') })
  }
  return quotations
}

function isQuoted(line: string | undefined): boolean {
  return line !== undefined && /^[ \t]*>/.test(line)
}

/** The path and lines a line names when it names nothing else: bare, or in backticks, brackets or parentheses. */
function parseHead(line: string): Omit<Quotation, 'text'> | undefined {
  // The longest path and its decoration fit in this; a longer line is prose or an attack.
  if (line.length > 4200) return undefined
  const trimmed = line.replace(LIST_MARKER, '').trimEnd()
  const name = trimmed.endsWith(':') ? trimmed.slice(0, -1) : trimmed
  const wrapper = WRAPPERS[name.charAt(0)]
  const wrapped = wrapper !== undefined && name.length > 1 && name.endsWith(wrapper)
  const bare = wrapped ? name.slice(1, -1) : name
  const position = POSITION.exec(bare)
  if (!position) return undefined
  const path = bare.slice(0, position.index)
  // Only backticks make clear where a path with a colon begins; elsewhere it may be prose.
  const valid = wrapped && wrapper === '`' ? /^[^\n`]+$/.test(path) : BARE_PATH.test(path)
  if (!valid) return undefined
  const [, start, end = start] = position
  return { path, startLine: Number(start), endLine: Number(end) }
}
