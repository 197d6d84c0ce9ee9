import { canonicalize } from './canonical-text.ts'

/**
 * The elements of a set in canonical order, each once: sorted by UTF-16 code unit of the string itself or of the canonical
 * text of anything else, which is what a producer does before it hashes an array that its schema calls a set (CJ-027).
 *
 * @throws CanonError when an element has no canonical text.
 */
export function canonicalSet<T>(elements: Iterable<T>): T[] {
  const byText = new Map<string, { sortKey: string; text: string; element: T }>()
  for (const element of elements) {
    const text = canonicalize(element)
    byText.set(text, { sortKey: typeof element === 'string' ? element.normalize('NFC') : text, text, element })
  }
  // The string `1` and the number 1 have the same sort key: the canonical text decides between them.
  const sorted = [...byText.values()].sort((a, b) => compare(a.sortKey, b.sortKey) || compare(a.text, b.text))
  return sorted.map(({ element }) => element)
}

/** Order by UTF-16 code unit, which is how JavaScript compares strings. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
