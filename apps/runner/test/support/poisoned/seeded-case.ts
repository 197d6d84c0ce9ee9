import { RUNS } from './poison-workspace.ts'
import type { PoisonCase, Poisoning } from './poisoned-case.ts'

/** About as many commits, and as much time, as a run takes; what lies behind its end counts as such. */
const COMMITS = 75
const LONGEST_MS = 1500
/** About as long as each of them takes. */
const UNDER_WAY_MS = { approval: 30, call: 30, command: 60 }

/** One case of any kind; `random` gives fractions and decides all of it. */
export function seededCase(random: () => number): PoisonCase {
  const whole = (limit: number) => Math.floor(random() * limit)
  const during = (what: keyof typeof UNDER_WAY_MS): Poisoning => ({
    during: what,
    number: 1 + whole(2),
    afterMs: random() * UNDER_WAY_MS[what],
  })
  const kinds: readonly [() => Poisoning, ...(() => Poisoning)[]] = [
    () => during('approval'),
    () => during('call'),
    () => during('command'),
    () => ({ found: random() < 0.5 ? 'source' : 'answer' }),
    () => ({ afterCommit: 1 + whole(COMMITS) }),
    () => ({ afterMs: random() * LONGEST_MS }),
  ]
  return {
    victim: RUNS[whole(RUNS.length)] ?? 'left',
    poisoning: (kinds[whole(kinds.length)] ?? kinds[0])(),
    random,
    isSilent: random() < 0.5,
  }
}
