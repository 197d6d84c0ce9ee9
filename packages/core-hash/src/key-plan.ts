import { fixedText, type FixedText } from './utf8-buffer.ts'

/** How the members of one object shape are written: made once, used for every object with the same names in the same order. */
export interface KeyPlan {
  /** Own names in property order. */
  readonly names: readonly string[]
  /** One entry per member in canonical order. */
  readonly members: readonly PlannedMember[]
}

export interface PlannedMember {
  /** The own name, as the property is read. */
  readonly name: string
  /** What stands before the value: brace or comma, the normalised name, colon. */
  readonly label: FixedText
}

const SLOTS = 1024
/** Places a shape may have: its own and those beside it. */
const WAYS = 4
let nextWay = 0
const MAX_NAMES = 64
const MAX_NAME_LENGTH = 128
// Remembered shapes hold key names only, at most 1024 x 64 of them; a shape that does not fit is planned anew each time.
const remembered: (KeyPlan | undefined)[] = Array.from({ length: SLOTS })

/** The plan of an object with these own names (at least one), or undefined when two are equal after NFC or one is ill-formed. */
export function keyPlan(names: readonly string[]): KeyPlan | undefined {
  const slot = slotOf(names)
  for (let way = 0; way < WAYS; way++) {
    const known = planAt(slot ^ way, names)
    if (known !== undefined) return known
  }
  const plan = makePlan(names)
  if (plan !== undefined && isSmall(names)) remember(slot, plan)
  return plan
}

/** Shapes with one slot take turns in a record; those beside it keep them from pushing each other out. */
function remember(slot: number, plan: KeyPlan): void {
  let way = 0
  while (way < WAYS && remembered[slot ^ way] !== undefined) way += 1
  if (way === WAYS) way = nextWay = (nextWay + 1) % WAYS
  remembered[slot ^ way] = plan
}

function planAt(slot: number, names: readonly string[]): KeyPlan | undefined {
  const plan = remembered[slot]
  return plan !== undefined && sameNames(plan.names, names) ? plan : undefined
}

/** Lengths and first letters of all names: shapes of one record type differ in a member or two, and share a slot by chance only. */
function slotOf(names: readonly string[]): number {
  let mixed = names.length
  for (const name of names) mixed = (mixed * 31 + name.length * 7 + name.charCodeAt(0)) | 0
  return (mixed ^ (mixed >>> 10)) & (SLOTS - 1)
}

function makePlan(names: readonly string[]): KeyPlan | undefined {
  const keys: { name: string; key: string }[] = []
  for (const name of names) {
    if (!name.isWellFormed()) return undefined
    keys.push({ name, key: name.normalize('NFC') })
  }
  keys.sort((a, b) => (a.key < b.key ? -1 : 1))
  if (keys.some(({ key }, index) => key === keys[index + 1]?.key)) return undefined
  return { names, members: keys.map(({ name, key }, index) => ({ name, label: memberLabel(key, index === 0) })) }
}

/** What stands before the value of a member of an object. */
export function memberLabel(key: string, isFirst: boolean): FixedText {
  return fixedText(`${isFirst ? '{' : ','}${JSON.stringify(key)}:`)
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function isSmall(names: readonly string[]): boolean {
  return names.length <= MAX_NAMES && names.every((name) => name.length <= MAX_NAME_LENGTH)
}
