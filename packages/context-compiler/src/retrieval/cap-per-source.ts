/** The first `perSource` hits of every file, in the order given. */
export function capPerSource<Hit extends { readonly path: string }>(hits: readonly Hit[], perSource: number): Hit[] {
  const counts = new Map<string, number>()
  return hits.filter(({ path }) => {
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    return count <= perSource
  })
}
