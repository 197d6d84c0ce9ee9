import type { CostState } from '@ctxlock/governance'

/** What a run cost so far, for people: in US dollars, with what nobody knows said apart. */
export function costText({ known, unknown_calls, limit }: CostState): string {
  const bound = limit === null ? '' : ` of ${usdText(limit)}`
  if (unknown_calls === 0) return `${usdText(known)}${bound} USD`
  const calls = unknown_calls === 1 ? '1 call' : `${unknown_calls} calls`
  return known === 0 ? `cost unknown (${calls})` : `${usdText(known)}${bound} USD and ${calls} of unknown cost`
}

/** For programs: null when nothing is known of what was called for. */
export function costJson({ known, unknown_calls, limit }: CostState): object {
  return {
    micro_usd: known === 0 && unknown_calls > 0 ? null : known,
    unknown_calls,
    ...(limit !== null && { limit_micro_usd: limit }),
  }
}

/** Millionths of a US dollar as dollars, with all six places. */
export function usdText(micro: number): string {
  return `${Math.floor(micro / 1_000_000)}.${String(micro % 1_000_000).padStart(6, '0')}`
}
