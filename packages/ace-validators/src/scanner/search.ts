import { OTHER, type Transitions } from './transitions.ts'

/** Called with the accepting state and the end of what was found. */
type Visit = (state: number, end: number) => void

/** From this length on four parts of a text are read in one loop: a step waits for the one before it, four overlap. */
const LONG = 512

/** Visits every hit in the first `length` units, in order. */
export function search(transitions: Transitions, units: Uint16Array, length: number, visit: Visit): void {
  if (length < LONG) searchPart(transitions, units, { start: 0, end: length, state: 0 }, visit)
  else searchTogether(transitions, units, length, visit)
}

interface Part {
  readonly start: number
  readonly end: number
  /** The state before the first unit. */
  readonly state: number
}

function searchPart(
  { classes, next, shift, firstAccepting }: Transitions,
  units: Uint16Array,
  { start, end, state: first }: Part,
  visit: Visit,
): void {
  let state = first
  for (let index = start; index < end; index += 1) {
    state = next[(state << shift) | (classes[units[index] ?? 0] ?? OTHER)] ?? 0
    if (state >= firstAccepting) visit(state, index + 1)
  }
}

function searchTogether(transitions: Transitions, units: Uint16Array, length: number, visit: Visit): void {
  const { classes, next, shift, firstAccepting } = transitions
  const cut = (index: number) => afterOther(classes, units, index, length)
  const second = cut(length >> 2)
  const third = cut(Math.max(second, length >> 1))
  const fourth = cut(Math.max(third, (length >> 2) * 3))
  const hits: readonly [number[], number[], number[], number[]] = [[], [], [], []]
  const steps = Math.min(second, third - second, fourth - third, length - fourth)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  for (let index = 0; index < steps; index += 1) {
    a = next[(a << shift) | (classes[units[index] ?? 0] ?? OTHER)] ?? 0
    b = next[(b << shift) | (classes[units[index + second] ?? 0] ?? OTHER)] ?? 0
    c = next[(c << shift) | (classes[units[index + third] ?? 0] ?? OTHER)] ?? 0
    d = next[(d << shift) | (classes[units[index + fourth] ?? 0] ?? OTHER)] ?? 0
    if (a >= firstAccepting) hits[0].push(a, index + 1)
    if (b >= firstAccepting) hits[1].push(b, index + second + 1)
    if (c >= firstAccepting) hits[2].push(c, index + third + 1)
    if (d >= firstAccepting) hits[3].push(d, index + fourth + 1)
  }
  const finish = (found: readonly number[], start: number, end: number, state: number) => {
    for (let index = 0; index < found.length; index += 2) visit(found[index] ?? 0, found[index + 1] ?? 0)
    searchPart(transitions, units, { start: start + steps, end, state }, visit)
  }
  finish(hits[0], 0, second, a)
  finish(hits[1], second, third, b)
  finish(hits[2], third, fourth, c)
  finish(hits[3], fourth, length, d)
}

/** Where a search can begin afresh: after a unit that is in no pattern, from `index` on. */
function afterOther(classes: Uint16Array, units: Uint16Array, index: number, length: number): number {
  let end = index
  while (end < length && (classes[units[end] ?? 0] ?? OTHER) !== OTHER) end += 1
  return Math.min(end + 1, length)
}
