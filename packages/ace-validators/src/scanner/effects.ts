import { OTHER, SPACE, type Transitions } from './transitions.ts'

/** What reading a piece of text does to a search. Pieces that no search by this automaton can tell apart share one. */
export interface Effect {
  readonly number: number
  /** Like that of no character, or of characters that are in no pattern: once more of the same changes nothing. */
  readonly isInert: boolean
  /** The state that each state leads to; one more than the last for a pattern that was found. */
  readonly targets: Uint16Array
}

/** Targets of all effects together, and texts whose effects are remembered. */
const MOST_TARGETS = 1 << 22
const MOST_REMEMBERED = 16_384

/** No character, and one that is in no pattern. */
const INERT = ['', String.fromCharCode(OTHER)]

/** The effect of each text; undefined when there would be too many. */
export function createEffects({
  classes,
  next,
  shift,
  firstAccepting,
}: Transitions): (text: string) => Effect | undefined {
  const states = next.length >> shift
  const byClasses = new Map<string, Effect | undefined>()
  const byTargets = new Map<string, Effect>()

  function effectOf(symbols: string): Effect | undefined {
    const targets = Uint16Array.from({ length: states }, (_, state) => {
      let target = state
      for (let at = 0; at < symbols.length && target < firstAccepting; at += 1)
        target = next[(target << shift) | symbols.charCodeAt(at)] ?? 0
      return target < firstAccepting ? target : states
    })
    const key = Buffer.from(targets.buffer).toString('latin1')
    const known = byTargets.get(key)
    if (known !== undefined || (byTargets.size + 1) * states > MOST_TARGETS) return known
    const effect = { number: byTargets.size, isInert: byTargets.size < INERT.length, targets }
    byTargets.set(key, effect)
    return effect
  }

  for (const symbols of INERT) effectOf(symbols)

  /** One character for each class; another `OTHER` or more white space changes nothing. */
  function classesOf(text: string): string {
    let symbols = ''
    let last = -1
    for (let at = 0; at < text.length; at += 1) {
      const symbol = classes[text.charCodeAt(at)] ?? OTHER
      if (symbol !== last || symbol > SPACE) symbols += String.fromCharCode(symbol)
      last = symbol
    }
    return symbols
  }

  return (text) => {
    const symbols = classesOf(text)
    if (byClasses.has(symbols)) return byClasses.get(symbols)
    const effect = effectOf(symbols)
    if (byClasses.size < MOST_REMEMBERED) byClasses.set(symbols, effect)
    return effect
  }
}
