export interface DependencyNode {
  readonly mt_id: string
  readonly depends_on: readonly string[]
}

/**
 * The topological levels of `depends_on`, ids sorted inside a level (MT-006), and the ids that lie on a cycle or behind
 * one. Dependencies that no definition has are left to MT-VAL-003.
 */
export function executionWaves(definitions: readonly DependencyNode[]): {
  readonly waves: readonly (readonly string[])[]
  readonly cyclic: readonly string[]
} {
  const known = new Set(definitions.map(({ mt_id }) => mt_id))
  const waiting = new Map<string, Set<string>>()
  const dependents = new Map<string, string[]>()
  for (const { mt_id, depends_on } of definitions) {
    const needed = new Set(depends_on.filter((id) => known.has(id)))
    waiting.set(mt_id, needed)
    for (const id of needed) dependents.set(id, [...(dependents.get(id) ?? []), mt_id])
  }
  const waves: string[][] = []
  let wave = [...waiting].flatMap(([id, needed]) => (needed.size === 0 ? [id] : [])).sort()
  while (wave.length > 0) {
    waves.push(wave)
    const next: string[] = []
    for (const done of wave) {
      waiting.delete(done)
      for (const id of dependents.get(done) ?? []) {
        const needed = waiting.get(id)
        needed?.delete(done)
        if (needed?.size === 0) next.push(id)
      }
    }
    wave = next.sort()
  }
  return { waves, cyclic: [...waiting.keys()].sort() }
}
