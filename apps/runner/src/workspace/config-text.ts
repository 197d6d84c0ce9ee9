import { LEGACY_AUTOMATION_LEVELS } from '@ctxlock/contracts/primitives'

/**
 * The value of a config's text, with older names of levels and modes in today's words (PROV-048, PROV-060). What it holds is judged
 * by its schema. Throws `SyntaxError`.
 */
export function parseConfigText(text: string): unknown {
  return JSON.parse(text, inTodaysWords)
}

function inTodaysWords(name: string, value: unknown): unknown {
  if (name === 'automation_level' && LEGACY_AUTOMATION_LEVELS.has(value)) return 'HYBRID'
  if (
    name === 'policy' &&
    typeof value === 'object' &&
    value !== null &&
    Reflect.get(value, 'governance_mode') === 'locked'
  )
    return { ...value, governance_mode: 'gov_strict', automation_level: 'LOCKED' }
  return value
}
