import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { codePointLength } from '../unicode/code-points.ts'
import { ValidatorError } from '../validator-error.ts'
import { buildAutomaton, type Automaton } from './automaton.ts'
import { collapse, transform, VIEWS, type View } from './views.ts'

/** The four patterns of the specification; nothing may switch them off (VAL-038, VAL-040). */
export const BUILT_IN_PATTERNS: readonly InjectionPattern[] = [
  { id: 'PI-001', text: 'ignore previous' },
  { id: 'PI-002', text: 'new instructions' },
  { id: 'PI-003', text: 'system command' },
  { id: 'PI-004', text: 'developer mode' },
]

/** Code points. Shorter patterns would hit everywhere (VAL-040). */
const SHORTEST = 4
const LONGEST = 512
const MOST = 1000
/** Code points of all patterns together; the tables of a scan grow with them. */
const LONGEST_TOGETHER = 16_384

/** One view together with the patterns as they look in it. */
export interface ViewPatterns {
  readonly view: View
  /** Pattern ids and texts, by the number the automaton reports. */
  readonly patterns: readonly InjectionPattern[]
  /** Views whose patterns look the same share one. */
  readonly automaton: Automaton
}

/** Checks the profile's patterns and compiles them with the built-in ones. Throws `PATTERN_INVALID` (VAL-040). */
export function compilePatterns(profile: readonly InjectionPattern[], views: readonly View[] = VIEWS): ViewPatterns[] {
  if (profile.length > MOST) throw invalid(`at most ${MOST} patterns can be given, there are ${profile.length}`)
  const ids = new Set(BUILT_IN_PATTERNS.map(({ id }) => id))
  for (const { id, text } of profile) {
    if (ids.has(id)) throw invalid(`the id ${JSON.stringify(id)} is used twice; PI-001 to PI-004 are built in`)
    ids.add(id)
    if (codePointLength(text) > LONGEST) throw invalid(`${JSON.stringify(id)} is longer than ${LONGEST} code points`)
  }

  const together = profile.reduce((sum, { text }) => sum + codePointLength(text), 0)
  if (together > LONGEST_TOGETHER)
    throw invalid(`together they have ${together} code points, more than ${LONGEST_TOGETHER}`)

  const automata = new Map<string, Automaton>()
  return views.map((view) => {
    const patterns = [...BUILT_IN_PATTERNS, ...profile].flatMap(({ id, text }) => {
      const image = collapse(transform(view, text)).trim()
      const length = codePointLength(image)
      if (length >= SHORTEST) return [{ id, text: image }]
      // `c++` is nothing but `c` once punctuation is gone; the poison views still look for it.
      if (view.action === 'quarantine') return []
      throw invalid(`${JSON.stringify(id)} has ${length} code points left in view ${view.id}, it needs ${SHORTEST}`)
    })
    const key = JSON.stringify(patterns.map(({ text }) => text))
    const automaton = automata.get(key) ?? buildAutomaton(patterns.map(({ text }) => text))
    automata.set(key, automaton)
    return { view, patterns, automaton }
  })
}

function invalid(reason: string): ValidatorError {
  return new ValidatorError('PATTERN_INVALID', `An injection pattern of the profile cannot be used: ${reason}.`)
}
