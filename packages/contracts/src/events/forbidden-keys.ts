/** Keys that would carry content; their presence at any depth is a shape violation (REC-011). */
export const FORBIDDEN_KEYS: readonly string[] = [
  'prompt',
  'response',
  'completion',
  'content',
  'text',
  'body',
  'body_text',
  'raw_body',
  'raw',
  'payload_bytes',
  'messages',
  'api_key',
  'authorization',
  'password',
  'token',
  'secret',
]

const FORBIDDEN = new Map(FORBIDDEN_KEYS.map((key) => [folded(key), key]))
const MAX_DEPTH = 16

/**
 * The first forbidden key of a value, or `too_deep` for a value no event schema can have; undefined when there is neither.
 * `apiKey`, `API-KEY` and `api_key` are the same key. What comes back is a name of our list, never a key of the caller's.
 */
export function findForbiddenKey(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= MAX_DEPTH) return 'too_deep'
  for (const [key, inner] of Object.entries(value)) {
    const found = (Array.isArray(value) ? undefined : FORBIDDEN.get(folded(key))) ?? findForbiddenKey(inner, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function folded(key: string): string {
  return key.toLowerCase().replace(/[_-]/g, '')
}
