const OPEN = '<think>'
const CLOSE = '</think>'
// Templates put a line end or two in front.
const LONGEST_LEAD = 16

interface Parts {
  readonly reasoning: string
  readonly text: string
}

/**
 * Sets `<think>…</think>` at the start of a text apart, however the text is cut: servers without a reasoning parser leave it
 * there, and it is no part of the answer (PROV-013). A block that never ends is reasoning to the end.
 */
export function createThinkingBlock(): {
  split(piece: string): Parts
  /** What was held back because it may have been the beginning of a tag. */
  rest(): Parts
} {
  let place: 'before' | 'inside' | 'behind' | 'text' = 'before'
  let held = ''

  const before = (): Parts => {
    const start = held.trimStart()
    const mayLead = held.length - start.length <= LONGEST_LEAD
    if (mayLead && start.startsWith(OPEN)) {
      place = 'inside'
      held = start.slice(OPEN.length)
      return inside()
    }
    if (mayLead && OPEN.startsWith(start)) return NOTHING
    place = 'text'
    return { reasoning: '', text: take(held.length) }
  }
  const inside = (): Parts => {
    const end = held.indexOf(CLOSE)
    if (end === -1) return { reasoning: take(held.length - tagLength(held)), text: '' }
    place = 'behind'
    const reasoning = take(end)
    held = held.slice(CLOSE.length)
    return { reasoning, text: behind() }
  }
  const behind = (): string => {
    held = held.trimStart()
    if (held !== '') place = 'text'
    return take(held.length)
  }
  const take = (length: number): string => {
    const taken = held.slice(0, length)
    held = held.slice(length)
    return taken
  }

  return {
    split(piece) {
      if (place === 'text') return { reasoning: '', text: piece }
      held += piece
      if (place === 'before') return before()
      return place === 'inside' ? inside() : { reasoning: '', text: behind() }
    },
    rest: () => (place === 'inside' ? { reasoning: held, text: '' } : { reasoning: '', text: held }),
  }
}

const NOTHING: Parts = { reasoning: '', text: '' }

/** How much of the end of a text may be the beginning of a closing tag. */
function tagLength(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(CLOSE.slice(0, length))) return length
  return 0
}
