/** Milliseconds that have gone by. For short work: longer work is interrupted on a busy machine. */
export function wallTime(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** Milliseconds of this thread's processor time. For long work: it is counted in steps of several milliseconds. */
export function processorTime(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

/** The least time of each piece of work over some rounds, in which all take turns. */
export function leastTimes(
  works: readonly (() => unknown)[],
  rounds: number,
  timeOf: (work: () => unknown) => number,
): number[] {
  const least = works.map(() => Infinity)
  for (let round = 0; round < rounds; round += 1)
    for (const [index, work] of works.entries()) least[index] = Math.min(least[index] ?? Infinity, timeOf(work))
  return least
}
