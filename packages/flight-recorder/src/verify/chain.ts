import { GENESIS_HASH } from '../log-tables.ts'
import type { DatabaseHead } from '../log-tables.ts'
import type { ExaminedEvent } from './examined-event.ts'
import type { Break } from './report.ts'

interface Stretch {
  readonly from: number
  /** How far the events' own positions are ahead of their rows. */
  readonly shift: number
}

/**
 * Follows the chain, row by row, and keeps only what is odd; `breaks` then names it. Judging afterwards is what makes exact
 * names possible: a broken link alone does not say which of its two ends was changed.
 */
export function createChainWalk(head: DatabaseHead) {
  const breaks: Break[] = []
  /** `n` stands for the link between the events n and n + 1; the head follows the last event. */
  const brokenLinks: number[] = []
  const stretches: Stretch[] = []
  let last: { seq: number; shift: number; hash: string | undefined } = { seq: 0, shift: 0, hash: GENESIS_HASH }

  function push({ seq, hash, fault, claim }: ExaminedEvent): void {
    if (seq < 1 || seq > head.count) {
      breaks.push({ reason: 'inserted_event', from: seq, to: seq })
      return
    }
    if (seq > last.seq + 1) breaks.push({ reason: 'removed_event', from: last.seq + 1, to: seq - 1 })
    if (fault) breaks.push({ reason: fault, from: seq, to: seq })

    const shift = claim ? claim.seq - seq : last.shift
    if (shift !== last.shift) stretches.push({ from: seq, shift })
    const isNext = seq === last.seq + 1 && shift === last.shift
    if (isNext && claim && last.hash !== undefined && claim.prevHash !== last.hash) brokenLinks.push(last.seq)
    // What a faulty event remembers, and what others remember of it, proves nothing; it is named already.
    last = { seq, shift, hash: claim ? hash : undefined }
  }

  function finish(): Break[] {
    if (head.count === last.seq && last.hash !== undefined && last.hash !== head.lastHash) brokenLinks.push(last.seq)
    const named = [...breaks, ...nameStretches(stretches, last.seq), ...nameLinks(brokenLinks, last.seq)]
    return named.sort((a, b) => a.from - b.from || a.to - b.to)
  }

  return { push, finish, lastSeq: () => last.seq }
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

/** An event both neighbours disagree with was rewritten; so was the first of two that disagree only with each other. */
function nameLinks(brokenLinks: readonly number[], lastSeq: number): Break[] {
  const broken = new Set(brokenLinks)
  const breaks: Break[] = []
  for (const link of brokenLinks) {
    const isAlone = !broken.has(link - 1) && !broken.has(link + 1)
    if (isAlone && link === lastSeq) breaks.push({ reason: 'head_mismatch', from: link, to: link })
    else if (isAlone) breaks.push({ reason: 'rewritten_event', from: Math.max(link, 1), to: Math.max(link, 1) })
    else if (broken.has(link - 1)) breaks.push({ reason: 'rewritten_event', from: link, to: link })
  }
  return breaks
}
