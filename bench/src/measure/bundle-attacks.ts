// Random single changes to evidence bundles, by somebody without the log's key and by somebody who has it: what two verifiers that share
// no code say.
import { hash } from 'node:crypto'
import { parseArgs } from 'node:util'

import { checkBundle } from '../../../packages/flight-recorder/src/export.ts'
import { sealLine } from '../../../packages/flight-recorder/src/bundle/seal.ts'
import { bundleOf, openBundledRun } from '../../../packages/flight-recorder/test/bundled-run.ts'
import { SIGNING_KEY } from '../../../packages/flight-recorder/test/log-folder.ts'
import { judgeBundle } from '../../../packages/log-verifier/src/index.ts'
import { canonicalize } from '../../../packages/core-hash/src/index.ts'
import { pick, seededRandom, type Random } from './generated-files/random.ts'

export interface Result {
  readonly seed: number
  readonly attacks: number
  readonly by_kind: Readonly<Record<string, number>>
  /** Changed bundles that a verifier accepted as a complete run; the bar is 0. */
  readonly missed: number
  /** Bundles that lost the end of a part, which only the key's holder can do: both say `incomplete`, as of a run that was interrupted. */
  readonly incomplete: number
  /** Changed bundles of which the two said different things; the bar is 0. */
  readonly disagreements: number
}

interface Attacked {
  readonly lines: readonly string[]
  /** Of another redaction of the same run. */
  readonly others: readonly string[]
  readonly random: Random
}
type Attack = (attacked: Attacked) => readonly string[]

const below = (random: Random, bound: number) => Math.floor(random() * bound)

/** What anybody can do to a file. */
const WITHOUT_KEY: Readonly<Record<string, Attack>> = {
  byte({ lines, random }) {
    const at = below(random, lines.length)
    const line = lines[at] ?? ''
    const place = below(random, line.length)
    const changed = String.fromCharCode(33 + ((line.charCodeAt(place) - 33 + 1 + below(random, 92)) % 93))
    return lines.with(at, line.slice(0, place) + changed + line.slice(place + 1))
  },
  drop: ({ lines, random }) => lines.toSpliced(below(random, lines.length), 1),
  double({ lines, random }) {
    const at = below(random, lines.length)
    return lines.toSpliced(at, 0, lines[at] ?? '')
  },
  swap({ lines, random }) {
    const at = below(random, lines.length - 1)
    return lines.toSpliced(at, 2, lines[at + 1] ?? '', lines[at] ?? '')
  },
  cut: ({ lines, random }) => lines.slice(0, below(random, lines.length)),
  take({ lines, others, random }) {
    const foreign = others.filter((line) => !lines.includes(line))
    return lines.with(below(random, lines.length), foreign[below(random, foreign.length)] ?? '')
  },
}

/** What whoever has the key can do and seal again. */
const WITH_KEY: Readonly<Record<string, Attack>> = {
  lose: (attacked) => {
    const at = eventAt(attacked)
    const head = JSON.parse(attacked.lines[0] ?? '')
    head.lines.event -= 1
    return attacked.lines.toSpliced(at, 1).with(0, canonicalize(head))
  },
  rewrite: (attacked) =>
    editing(attacked, (event) =>
      Object.assign(event, { event: String(event['event']).replace(/"salt":"../, '"salt":"zz') }),
    ),
  move: (attacked) => editing(attacked, (event) => Object.assign(event, { seq: Number(event['seq']) + 1 })),
  hide: (attacked) =>
    editing(attacked, (event) => {
      delete event['event']
      event['left_out'] = pick(attacked.random, ['all', 'erased'])
    }),
  unprove: (attacked) => editing(attacked, (event) => Object.assign(event, { inclusion: ['0'.repeat(64)] })),
}

/** `--count N` (10,000), `--seed N` (1). */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { count: { type: 'string' }, seed: { type: 'string' } } })
  const [count, seed] = [Number(values.count ?? 10_000), Number(values.seed ?? 1)]
  if (!(Number.isSafeInteger(count) && Number.isSafeInteger(seed)))
    throw new Error('Expected --count and --seed as whole numbers.')
  using log = await openBundledRun()
  const random = seededRandom(seed)
  const [lines, others] = [bundleOf(log, 'none'), bundleOf(log, 'names')].map((text) => text.split('\n').slice(0, -1))
  if (!lines || !others) throw new Error('Expected two bundles.')
  const attacked = { lines, others, random }
  const kinds = [
    ...Object.entries(WITHOUT_KEY),
    ...Object.entries(WITH_KEY).map(([kind, run]) => [kind, resealed(run)] as const),
  ]

  const tally = { attacks: 0, missed: 0, incomplete: 0, disagreements: 0 }
  const by_kind: Record<string, number> = {}
  while (tally.attacks < count) {
    const [kind, attack] = kinds[below(random, kinds.length)] ?? ['', WITHOUT_KEY['drop']]
    const changed = attack?.(attacked) ?? lines
    if (changed.join('\n') === lines.join('\n')) continue
    const file = Buffer.from(changed.map((line) => `${line}\n`).join(''))
    const [first, second] = [firstSays(file, log.publicKey), await secondSays(file, log.publicKey)]
    tally.attacks += 1
    by_kind[kind] = (by_kind[kind] ?? 0) + 1
    if (first === 'complete' || second === 'complete') tally.missed += 1
    if (first === 'incomplete') tally.incomplete += 1
    if (first !== second) tally.disagreements += 1
  }
  return { seed, ...tally, by_kind }

  function resealed(attack: Attack): Attack {
    return (given) => {
      const body = attack({ ...given, lines: given.lines.slice(0, -1) })
      const text = body.map((line) => `${line}\n`).join('')
      const [origin = ''] = log.publicKey.split('+')
      return [...body, canonicalize(sealLine(body.length, hash('sha256', text), origin, SIGNING_KEY))]
    }
  }
}

function firstSays(file: Uint8Array, publicKey: string): string {
  const { ok, runs } = checkBundle(file, publicKey)
  if (!ok) return 'refused'
  return runs.every(({ state }) => state === 'complete') ? 'complete' : 'incomplete'
}

async function secondSays(file: Uint8Array<ArrayBuffer>, publicKey: string): Promise<string> {
  const { holds, state } = await judgeBundle(file, publicKey)
  return holds ? state : 'refused'
}

function eventAt({ lines, random }: Attacked): number {
  const events = lines.flatMap((line, at) => (line.includes('"kind":"event"') ? [at] : []))
  return events[below(random, events.length)] ?? 0
}

/** One event line, changed. */
function editing(attacked: Attacked, edit: (event: Record<string, unknown>) => void): readonly string[] {
  const at = eventAt(attacked)
  const event = JSON.parse(attacked.lines[at] ?? '')
  edit(event)
  return attacked.lines.with(at, canonicalize(event))
}
