/** How the members of one object shape are written: made once, used for every object with the same names in the same order. */
export interface KeyPlan {
  /** Own names in property order. */
  readonly names: readonly string[]
  /** The same names in canonical order. */
  readonly order: readonly string[]
  /** `"name":` in canonical order, normalised and escaped. */
  readonly labels: readonly string[]
  /** Text between the values of two members, filled on demand by `opening`. */
  readonly openings: (string | undefined)[]
}

const SLOTS = 256
const MAX_NAMES = 64
const MAX_NAME_LENGTH = 128
// Remembered shapes hold key names only, at most 256 x 64 of them; a shape that does not fit is planned anew each time.
const remembered: (KeyPlan | undefined)[] = Array.from({ length: SLOTS })

/** The plan of an object with these own names (at least one), or undefined when two are equal after NFC or one is ill-formed. */
export function keyPlan(names: readonly string[]): KeyPlan | undefined {
  const first = names[0] ?? ''
  const last = names[names.length - 1] ?? ''
  const slot = ((names.length * 31 + first.length * 7 + last.length * 13 + first.charCodeAt(0)) % SLOTS) | 0
  const known = remembered[slot]
  if (known !== undefined && sameNames(known.names, names)) return known
  const plan = makePlan(names)
  if (plan !== undefined && isSmall(names)) remembered[slot] = plan
  return plan
}

/** What stands before the value of member `index`: bracket or comma, name, colon, and the quotes that belong there. */
export function opening(plan: KeyPlan, index: number, afterText: boolean, beforeText: boolean): string {
  const at = index * 4 + (afterText ? 2 : 0) + (beforeText ? 1 : 0)
  return (plan.openings[at] ??=
    `${afterText ? '"' : ''}${index === 0 ? '{' : ','}${plan.labels[index]}${beforeText ? '"' : ''}`)
}

function makePlan(names: readonly string[]): KeyPlan | undefined {
  const keys: { name: string; key: string }[] = []
  for (const name of names) {
    if (!name.isWellFormed()) return undefined
    keys.push({ name, key: name.normalize('NFC') })
  }
  keys.sort((a, b) => (a.key < b.key ? -1 : 1))
  if (keys.some(({ key }, index) => key === keys[index + 1]?.key)) return undefined
  return {
    names,
    order: keys.map(({ name }) => name),
    labels: keys.map(({ key }) => `${JSON.stringify(key)}:`),
    openings: [],
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function isSmall(names: readonly string[]): boolean {
  return names.length <= MAX_NAMES && names.every((name) => name.length <= MAX_NAME_LENGTH)
}
