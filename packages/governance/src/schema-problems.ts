/** The part of a zod error that names places and not contents. */
export interface SchemaError {
  readonly issues: readonly {
    readonly code: string
    readonly path: readonly PropertyKey[]
    readonly pattern?: string
  }[]
}

/** `place: what is wrong` for each issue; never the value, which may be a secret in the wrong field. */
export function schemaProblems({ issues }: SchemaError, root: string): string[] {
  return issues.map(({ code, path, pattern }) => {
    const expected = pattern === undefined ? '' : `, expected ${pattern}`
    return `${[root, ...path.map(String)].join('.')}: ${code.replaceAll('_', ' ')}${expected}`
  })
}
