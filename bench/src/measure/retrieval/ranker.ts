/** Paths for a question, best first. */
export type Ranker = (question: string) => readonly string[]

export function byScore(scores: ReadonlyMap<string, number>): string[] {
  const order = [...scores].toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
  return order.map(([path]) => path)
}
