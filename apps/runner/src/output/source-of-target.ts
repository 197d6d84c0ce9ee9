/** Packs are filed under a whole reference; a person knows the source by its id. What is no reference is given back as it is. */
export function sourceOfTarget(target: string): string {
  try {
    const [kind, , id]: readonly unknown[] = target.startsWith('["source_ref",') ? JSON.parse(target) : []
    return kind === 'source_ref' && typeof id === 'string' ? id : target
  } catch {
    return target
  }
}
