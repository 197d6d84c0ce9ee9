import { GENESIS_HASH } from '../log-tables.ts'
import type { DatabaseHead } from '../log-tables.ts'
import type { ExaminedEvent } from './examined-event.ts'
import type { Break } from './report.ts'
import type { SignedTree } from './signed-tree.ts'

interface Stretch {
  readonly from: number
  /** How far the events' own positions are ahead of their rows. */
  readonly shift: number
}

export interface LastRow {
  readonly seq: number
  /** Undefined when it is not what it has to be. */
  readonly hash: string | undefined
}

/** Positions from the first to the last, both included. */
export interface Interval {
  readonly from: number
  readonly to: number
}

/**
 * Judges row after row and keeps only what is odd. Up to the last signed root the tree decides what stood at a position; behind
 * it the chain has to hold. `broken` are the positions that are not what they have to be; `breaks` names what was done,
 * which is a guess where events were moved: that row by row everything is shifted says that one was put in or taken out.
 */
export function createChainWalk(head: DatabaseHead, { settled, differing }: Pick<SignedTree, 'settled' | 'differing'>) {
  const breaks: Break[] = []
  const displaced: Interval[] = []
  const stretches: Stretch[] = []
  /** `n` stands for the link between the events n and n + 1; the head follows the last event. */
  const brokenLinks: number[] = []
  let last: LastRow & { readonly shift: number } = { seq: 0, shift: 0, hash: GENESIS_HASH }

  function push({ seq, hash, fault, claim }: ExaminedEvent): void {
    if (seq < 1 || seq > Math.max(head.count, settled)) {
      breaks.push({ reason: 'inserted_event', from: seq, to: seq })
      // Nothing stands between the last row and one behind the end, which is itself what was changed.
      if (seq > last.seq + 1) displaced.push({ from: last.seq + 1, to: seq - 1 })
      if (seq > 0) last = { seq, shift: last.shift, hash: undefined }
      return
    }
    if (seq > last.seq + 1) breaks.push({ reason: 'removed_event', from: last.seq + 1, to: seq - 1 })
    const shift = claim ? claim.seq - seq : last.shift
    if (shift !== last.shift) stretches.push({ from: seq, shift })
    if (fault) breaks.push({ reason: fault, from: seq, to: seq })
    else if (claim && shift !== 0) displaced.push({ from: seq, to: seq })
    else if (differing.has(seq)) breaks.push({ reason: 'rewritten_event', from: seq, to: seq })

    const isWhole = claim !== undefined && shift === 0
    const isLinked = isWhole && seq > settled && seq === last.seq + 1 && last.hash !== undefined
    if (isLinked && claim.prevHash !== undefined && claim.prevHash !== last.hash) brokenLinks.push(last.seq)
    // What a faulty event remembers, and what others remember of it, proves nothing; it is named already.
    last = { seq, shift, hash: isWhole && !differing.has(seq) ? hash : undefined }
  }

  function finish(): { breaks: Break[]; broken: Interval[]; last: LastRow } {
    const isLinkedToHead = last.seq > settled && last.seq === head.count && last.hash !== undefined
    if (isLinkedToHead && last.hash !== head.lastHash) brokenLinks.push(last.seq)
    const moved = nameStretches(stretches, last.seq)
    const named = [...breaks, ...nameLinks(brokenLinks, settled, last.seq)]
    const isAlsoMoved = ({ reason, from }: Break) =>
      reason === 'rewritten_event' && moved.some((other) => other.reason === 'inserted_event' && other.from === from)
    return { breaks: [...named.filter((one) => !isAlsoMoved(one)), ...moved], broken: [...named, ...displaced], last }
  }

  return { push, finish }
}

/** One event out of place was moved there; a whole stretch out of place means that events before it were taken out or put in. */
function nameStretches(stretches: readonly Stretch[], lastSeq: number): Break[] {
  const breaks: Break[] = []
  let usual = 0
  for (const [index, { from, shift }] of stretches.entries()) {
    const to = (stretches[index + 1]?.from ?? lastSeq + 1) - 1
    if (shift === usual) continue
    if (from === to) {
      breaks.push({ reason: 'reordered_event', from, to })
      continue
    }
    if (shift > usual) breaks.push({ reason: 'removed_event', from, to: from })
    else breaks.push({ reason: 'inserted_event', from: from - (usual - shift), to: from - 1 })
    usual = shift
  }
  return breaks
}

/**
 * A broken link alone does not say which of its two ends was changed. A run of them does: every event between two was
 * rewritten. Alone, it is the earlier event, unless that one is signed.
 */
function nameLinks(brokenLinks: readonly number[], settled: number, lastSeq: number): Break[] {
  const broken = new Set(brokenLinks)
  return brokenLinks.flatMap((link): Break[] => {
    if (broken.has(link - 1)) return [{ reason: 'rewritten_event', from: link, to: link }]
    const isFirst = link === settled
    if (isFirst && !broken.has(link + 1)) return [{ reason: 'rewritten_event', from: link + 1, to: link + 1 }]
    if (isFirst || broken.has(link + 1)) return []
    return [{ reason: link === lastSeq ? 'head_mismatch' : 'rewritten_event', from: link, to: link }]
  })
}
