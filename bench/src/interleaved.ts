/** One thing to time; what it does must be visible in its result, so that nothing is optimised away. */
export type Contender = () => unknown

/**
 * Median milliseconds of every contender by its name. All run once in every round, in turning order, so that all meet the
 * same noise and none always follows the same other.
 */
export async function interleaved(
  contenders: Readonly<Record<string, Contender>>,
  rounds: number,
): Promise<Record<string, number>> {
  const all = Object.entries(contenders).map(([name, run]) => ({ name, run, times: new Array<number>() }))
  // The first round warms up.
  for (let round = -1; round < rounds; round++) {
    const shift = (round + 1) % all.length
    for (const { run, times } of [...all.slice(shift), ...all.slice(0, shift)]) {
      const start = performance.now()
      await run()
      if (round >= 0) times.push(performance.now() - start)
    }
  }
  return Object.fromEntries(all.map(({ name, times }) => [name, rounded(median(times))]))
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** To three significant digits: more would claim what a timing cannot give. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}

/** How many times longer one contender took than another. */
export function ratio(milliseconds: Readonly<Record<string, number>>, of: string, to: string): number {
  return rounded((milliseconds[of] ?? Number.NaN) / (milliseconds[to] ?? Number.NaN))
}
