const SAME: Readonly<Record<string, string>> = {
  const: 'variable',
  let: 'variable',
  var: 'variable',
  using: 'variable',
  describe: 'test',
  suite: 'test',
  context: 'test',
  it: 'test',
  method: 'function',
}

/** The class of a kind: what is compared, because two parsers need not use the same word. */
export function kindClass(kind: string): string {
  return SAME[kind] ?? kind
}
