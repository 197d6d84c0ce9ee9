/** One thing to time; what it does must be visible in its result, so that nothing is optimised away. */
export type Contender = () => unknown

/**
 * Median milliseconds of every contender. All run once in every round, in turning order, so that all meet the same noise
 * and none always follows the same other.
 */
export async function interleaved<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
  warmUps = 1,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[]
  const times = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = -warmUps; round < rounds; round++) {
    const shift = (round + warmUps) % names.length
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const start = performance.now()
      await contenders[name]()
      if (round >= 0) times.get(name)?.push(performance.now() - start)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<Name, number>
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** To three significant digits: more would claim what a timing cannot give. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
