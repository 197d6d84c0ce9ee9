// Single changes to a log, each with what a verifier has to say about it.
import type { BreakReason } from '../../../../packages/flight-recorder/src/index.ts'
import { draftOf } from '../../../../packages/contracts/src/testing.ts'
import { canonicalize, textHash } from '../../../../packages/core-hash/src/index.ts'
import type { AttackedLog, LogRow } from './attacked-log.ts'

export interface Expectation {
  /** The positions that have to be broken, and no other. */
  readonly broken?: readonly number[]
  /** The first position that has to be missing. */
  readonly missingFrom?: number
  /** What the first verifier has to call it, and where. */
  readonly named?: { readonly reason: BreakReason; readonly at: number }
}

export interface Attack {
  readonly kind: 'edit' | 'swap' | 'insertion' | 'interior deletion' | 'prefix cut' | 'tail cut' | 'erasure'
  /** Changes the log at a position and says what that has to be called; `pick` is any number. Undefined where it cannot be done. */
  run(log: AttackedLog, at: number, pick: number): Expectation | undefined
}

const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, offset) => from + offset)
const parsed = ({ event }: LogRow): Record<string, unknown> => JSON.parse(event ?? '{}')
const forged = (seq: number, value: object): LogRow => {
  const event = canonicalize(value)
  return { seq, event, event_hash: textHash(event) }
}

/** One character of the text. */
const edit: Attack = {
  kind: 'edit',
  run(log, at, pick) {
    const row = log.row(at)
    if (row.event === null) return undefined
    const place = pick % row.event.length
    const other = row.event[place] === 'x' ? 'y' : 'x'
    log.put({ ...row, event: row.event.slice(0, place) + other + row.event.slice(place + 1) })
    return { broken: [at], named: { reason: 'edited_event', at } }
  },
}

/** The text, and the hash that belongs to it. */
const rewrite: Attack = {
  kind: 'edit',
  run(log, at) {
    if (log.erased.has(at)) return undefined
    log.put(forged(at, { ...parsed(log.row(at)), step_id: 'forged' }))
    return {
      broken: [at],
      named: { reason: at === log.last && at > log.anchored ? 'head_mismatch' : 'rewritten_event', at },
    }
  },
}

/** Everything from one event on, with links and head that fit, and without what the database remembers of the tree. */
const rewriteAll: Attack = {
  kind: 'edit',
  run(log, at) {
    if (at > log.anchored) return undefined
    let previous = at === 1 ? '0'.repeat(64) : log.row(at - 1).event_hash
    for (const seq of span(at, log.last)) {
      if (log.erased.has(seq)) {
        previous = log.row(seq).event_hash
        continue
      }
      const row = forged(seq, { ...parsed(log.row(seq)), step_id: 'forged', prev_hash: previous })
      log.put(row)
      previous = row.event_hash
    }
    log.mendHead()
    log.database.exec('DELETE FROM flight_tile; DELETE FROM flight_checkpoint')
    return { broken: span(1, log.anchored), named: { reason: 'checkpoint_mismatch', at: 1 } }
  },
}

const swap: Attack = {
  kind: 'swap',
  run(log, at, pick) {
    const other = 1 + ((at + (pick % (log.last - 1))) % log.last)
    if (other === at) return undefined
    const [one, two] = [log.row(at), log.row(other)]
    log.put({ ...two, seq: at })
    log.put({ ...one, seq: other })
    const broken = [at, other].sort((a, b) => a - b)
    // One without a text does not say where it belongs.
    return [at, other].some((seq) => log.erased.has(seq))
      ? { broken }
      : { broken, named: { reason: 'reordered_event', at } }
  },
}

/** Between two events, with the later ones moved down and the head as it has to be. */
const insertion: Attack = {
  kind: 'insertion',
  run(log, at) {
    if (log.erased.has(at)) return undefined
    const before = at === 1 ? '0'.repeat(64) : log.row(at - 1).event_hash
    const value = { ...parsed(log.row(at)), seq: at, prev_hash: before, step_id: 'forged' }
    log.shift(at, 1)
    log.put(forged(at, value))
    log.mendHead()
    // Whether one event was moved or all behind it is told by those behind it, if they have a text.
    const isGuess = at >= log.last - 1 || log.erased.has(at + 1)
    return {
      // Behind the anchor nothing tells which of two events that follow the same one is the false one.
      broken: span(at > log.anchored ? at + 1 : at, log.last + 1),
      ...(!isGuess && { named: { reason: 'inserted_event', at } as const }),
    }
  },
}

/** Behind the last event or farther, with a link that fits and the head left alone. */
const appended: Attack = {
  kind: 'insertion',
  run(log, _at, pick) {
    const row = log.row(log.last)
    const at = log.last + 1 + (pick % 3)
    log.put(forged(at, { ...parsed(row), seq: at, prev_hash: row.event_hash }))
    return { broken: span(log.last + 1, at), named: { reason: 'inserted_event', at } }
  },
}

const deletion: Attack = {
  kind: 'interior deletion',
  run(log, at) {
    if (at === 1 || at === log.last) return undefined
    log.remove(at, at)
    return { broken: [at], named: { reason: 'removed_event', at } }
  },
}

/** With the later events moved up and the head as it has to be. */
const closedDeletion: Attack = {
  kind: 'interior deletion',
  run(log, at) {
    if (at === 1 || at >= log.last - 1) return undefined
    log.remove(at, at)
    log.shift(at + 1, -1)
    log.mendHead()
    // How many there were only an anchor or a checkpoint remembers.
    const missing = log.anchored === log.last ? { missingFrom: log.last } : {}
    // What lost its text does not say that it was moved.
    const isSilent = [at, at + 1, at + 2].some((seq) => log.erased.has(seq))
    return { broken: span(at, log.last - 1), ...missing, ...(!isSilent && { named: { reason: 'removed_event', at } }) }
  },
}

const prefixCut: Attack = {
  kind: 'prefix cut',
  run(log, at) {
    if (at === log.last) return undefined
    log.remove(1, at)
    return { broken: span(1, at), named: { reason: 'removed_event', at: 1 } }
  },
}

const tailCut: Attack = {
  kind: 'tail cut',
  run(log, at) {
    log.remove(at, log.last)
    return { missingFrom: at }
  },
}

/** With the head put back: only an anchor or a checkpoint can tell. */
const hiddenTailCut: Attack = {
  kind: 'tail cut',
  run(log, at) {
    if (at > log.anchored) return undefined
    log.remove(at, log.last)
    log.mendHead()
    return { missingFrom: at }
  },
}

/** The text alone, and what it is found by. */
const textRemoval: Attack = {
  kind: 'erasure',
  run(log, at) {
    if (log.erased.has(at)) return undefined
    log.put({ ...log.row(at), event: null })
    log.database.prepare('DELETE FROM flight_key WHERE seq = ?').run(at)
    return { broken: [at], named: { reason: 'text_removed', at } }
  },
}

/** The text, with an order behind the log that nobody signed. */
const forgedOrder: Attack = {
  kind: 'erasure',
  run(log, at) {
    if (log.erased.has(at) || at === log.last) return undefined
    const row = log.row(log.last)
    const order = draftOf('erasure_ordered')
    const { event_id, salt, schema_version, timestamp } = parsed(row)
    const payload = { ...order.payload, events: [{ from: at, to: at }], runs: [] }
    const place = { event_id, salt, schema_version, timestamp, seq: log.last + 1, prev_hash: row.event_hash }
    log.put(forged(log.last + 1, { ...order, ...place, payload }))
    log.mendHead()
    log.put({ ...log.row(at), event: null })
    log.database.prepare('DELETE FROM flight_key WHERE seq = ?').run(at)
    return { broken: [at], named: { reason: 'text_removed', at } }
  },
}

/** Another text where one was erased. */
const refill: Attack = {
  kind: 'erasure',
  run(log, at, pick) {
    const erased = [...log.erased][pick % Math.max(1, log.erased.size)]
    if (erased === undefined || log.erased.has(at)) return undefined
    const text = { ...parsed(log.row(at)), seq: erased }
    if (pick % 2 === 0) log.put(forged(erased, text))
    else log.put({ ...log.row(erased), event: canonicalize(text) })
    return { broken: [erased], named: { reason: pick % 2 === 0 ? 'rewritten_event' : 'edited_event', at: erased } }
  },
}

/** The hash that was left of an erased event. */
const erasedLeaf: Attack = {
  kind: 'erasure',
  run(log, at, pick) {
    const erased = [...log.erased][pick % Math.max(1, log.erased.size)]
    if (erased === undefined) return undefined
    log.put({ ...log.row(erased), event_hash: textHash(String(at)) })
    return { broken: [erased], named: { reason: 'rewritten_event', at: erased } }
  },
}

export const ATTACKS: readonly Attack[] = [
  textRemoval,
  forgedOrder,
  refill,
  erasedLeaf,
  edit,
  rewrite,
  rewriteAll,
  swap,
  insertion,
  appended,
  deletion,
  closedDeletion,
  prefixCut,
  tailCut,
  hiddenTailCut,
]
