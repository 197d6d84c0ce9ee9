/**
 * What a canonical reference id (ACE-004) is about, in two grains. `target`: everything but the hash, which a rebuild
 * changes; `subject`: neither hash nor selector, so that a pack of a file and a candidate quoting lines of that file meet
 * (CP-023). An id that is no canonical id is about nothing but itself.
 */
export function referenceSubject(canonicalId: string, grain: 'target' | 'subject'): string {
  const parts = parseArray(canonicalId)
  if (!parts) return canonicalId
  const [form, type, id] = parts
  const selector = form === 'source_ref' ? parts[4] : parts[3]
  return JSON.stringify(grain === 'subject' ? [form, type, id] : [form, type, id, selector])
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
