import { codePointOf, codeUnits, isLowSurrogate, textOf } from './code-units.ts'

/** A set of code points that a text can be searched for in one pass, several times as fast as an expression where they abound. */
export interface CharacterClass {
  /** For each code point of a plane whether it is a member. Made when a text first has a character of that plane. */
  membersOf(plane: number): Membership
}

/** `MEMBER` or `OTHER` by the last 16 bits of a code point; `HIGH_SURROGATE` for units that take another one to tell. */
type Membership = Uint8Array

const OTHER = 0
const MEMBER = 1
const HIGH_SURROGATE = 2
const PLANE = 0x10000
/** The others hold private and no characters at all; asking an expression about each would take milliseconds a plane. */
const ASSIGNED_PLANES: ReadonlySet<number> = new Set([0, 1, 2, 3, 14])
const NO_MEMBERS: Membership = new Uint8Array(PLANE)
const SPACE = 0x20

/**
 * The members are the characters that `expression` matches; it needs the flag `g` and looks at single ones, or runs of them.
 * Surrogates are never members.
 */
export function characterClass(expression: RegExp): CharacterClass {
  const planes: (Membership | undefined)[] = []
  return { membersOf: (plane) => (planes[plane] ??= membersIn(plane, expression)) }
}

/** What stands in place of members: nothing, or a space for each run of them or for each member. */
export type Replacement = 'nothing' | 'space-per-run' | 'space-per-member'

/** Linear; returns `text` itself when it has no member. Lone surrogates are kept. */
export function replaceMembers(text: string, members: CharacterClass, replacement: Replacement): string {
  const units = codeUnits(text)
  const basicPlane = members.membersOf(0)
  // `findIndex` takes six times as long.
  let start = 0
  while (start < units.length && basicPlane[units[start] ?? 0] === OTHER) start += 1
  if (start === units.length) return text
  const kept = units.slice()
  let length = start
  let wasMember = false
  for (let index = start; index < units.length; index += 1) {
    const size = memberSize(members, units, index, basicPlane)
    if (size === 0) {
      kept[length] = units[index] ?? 0
      length += 1
    } else if (replacement === 'space-per-member' || (replacement === 'space-per-run' && !wasMember)) {
      kept[length] = SPACE
      length += 1
    }
    if (size === 2) index += 1
    wasMember = size > 0
  }
  return textOf(kept.subarray(0, length))
}

/** How many units the member that begins at an index has; 0 if none does. Loops fetch the plane that most units lie in once. */
export function memberSize(
  members: CharacterClass,
  units: Uint16Array,
  index: number,
  basicPlane: Membership = members.membersOf(0),
): 0 | 1 | 2 {
  const unit = units[index] ?? 0
  const membership = basicPlane[unit]
  if (membership === OTHER) return 0
  if (membership === MEMBER) return 1
  const low = units[index + 1] ?? 0
  if (!isLowSurrogate(low)) return 0
  const codePoint = codePointOf(unit, low)
  return members.membersOf(codePoint >> 16)[codePoint & 0xffff] === MEMBER ? 2 : 0
}

function membersIn(plane: number, expression: RegExp): Membership {
  if (!ASSIGNED_PLANES.has(plane)) return NO_MEMBERS
  const members: Membership = new Uint8Array(PLANE)
  const unitsEach = plane === 0 ? 1 : 2
  for (const { 0: run, index } of charactersOf(plane).matchAll(expression))
    members.fill(MEMBER, index / unitsEach, (index + run.length) / unitsEach)
  if (plane === 0) members.fill(HIGH_SURROGATE, 0xd800, 0xdc00).fill(OTHER, 0xdc00, 0xe000)
  return members
}

/** Every character of a plane at its place. */
function charactersOf(plane: number): string {
  if (plane === 0) return textOf(Uint16Array.from({ length: PLANE }, (_, unit) => unit))
  const units = new Uint16Array(2 * PLANE)
  for (let low = 0; low < PLANE; low += 1) {
    const offset = plane * PLANE + low - PLANE
    units[2 * low] = 0xd800 | (offset >> 10)
    units[2 * low + 1] = 0xdc00 | (offset & 0x3ff)
  }
  return textOf(units)
}
