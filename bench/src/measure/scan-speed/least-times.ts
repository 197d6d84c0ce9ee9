/**
 * The least milliseconds of each piece of work over some rounds, in which all take turns: on a busy machine any other measure tells
 * more of its other work.
 */
export function leastTimes(works: readonly (() => unknown)[], rounds: number): number[] {
  const least = works.map(() => Infinity)
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const start = performance.now()
      work()
      least[index] = Math.min(least[index] ?? Infinity, performance.now() - start)
    }
  }
  return least
}
