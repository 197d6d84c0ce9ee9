/** The part of a zod schema that is used here. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: Problems }
}

interface Problems {
  readonly issues: readonly Issue[]
}

interface Issue {
  readonly code?: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

/** The first problem of a failed parse as one sentence: which field, what was expected, what came. */
export function describeIssue(error: Problems, value: unknown): string {
  const issue: Issue | undefined = error.issues[0]
  if (!issue) return 'it does not fit its schema'
  const field = issue.path.length === 0 ? 'the top level' : `\`${issue.path.map(String).join('.')}\``
  if (issue.code === 'unrecognized_keys')
    return `unknown field ${(issue.keys ?? []).map((key) => `\`${key}\``).join(', ')} in ${field}`
  return `${field}: ${lowerFirst(issue.message)}${describeValue(valueAt(value, issue.path))}`
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current: unknown = value
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = Reflect.get(current, key)
  }
  return current
}

/** Types and short scalars only: a config may hold a secret by mistake, and this text is printed. */
function describeValue(value: unknown): string {
  if (value === undefined) return '; it is missing'
  if (value === null) return '; got null'
  if (Array.isArray(value)) return `; got a list of ${value.length}`
  if (typeof value === 'string') return `; got a text of ${value.length} characters`
  if (typeof value === 'number' || typeof value === 'boolean') return `; got ${String(value)}`
  return `; got ${typeof value}`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
