// Runs that go on beside each other in one workspace, and an injection that ends one of them: real executor, real database, real
// sockets, real commands. What the poisoned run writes from then on is counted.
import { rmSync } from 'node:fs'

import { startModelServer } from '../model-server.ts'
import { makeTemplate } from './poison-workspace.ts'
import { playCase, type PlayedCase, type PoisonCase } from './poisoned-case.ts'
import { installProbe } from './write-probe.ts'

const NONE = {
  writes_after_poison: 0,
  missing_events: 0,
  double_events: 0,
  wrong_exits: 0,
  left_active: 0,
  failed_bystanders: 0,
  cases: 0,
  poisoned: 0,
  /** The run had ended when the instant came. */
  ended_before: 0,
  with_edit_pending: 0,
  with_approval_open: 0,
  with_edit_and_approval: 0,
  with_call_open: 0,
  with_command_running: 0,
}

/** Counts over all cases. The bar of the first six is 0; without the last ones they would say nothing. */
export type PoisonedRuns = Readonly<typeof NONE>

/** Plays the cases one after the other; `onWrong` is told of those that miss the bar. */
export async function poisonedRuns(
  cases: readonly PoisonCase[],
  onWrong: (index: number, played: PlayedCase) => void,
): Promise<PoisonedRuns> {
  const total = { ...NONE }
  const server = await startModelServer('router', { far: 1 })
  const probe = installProbe()
  const template = await makeTemplate(server)
  try {
    for (const [index, one] of cases.entries()) {
      const before = wrongOf(total)
      const played = await playCase({ server, probe, template }, one)
      add(total, played, one)
      if (wrongOf(total) > before) onWrong(index, played)
    }
    return total
  } finally {
    rmSync(template, { recursive: true })
    probe.remove()
    await server.close()
  }
}

function wrongOf(counts: PoisonedRuns): number {
  const { writes_after_poison, missing_events, double_events, wrong_exits, left_active, failed_bystanders } = counts
  return writes_after_poison + missing_events + double_events + wrong_exits + left_active + failed_bystanders
}

function add(total: typeof NONE, { opened, exits, events, writes, active }: PlayedCase, { victim }: PoisonCase): void {
  const { [victim]: exit, ...bystanders } = exits
  total.cases += 1
  total.left_active += active.length
  total.failed_bystanders += Object.values(bystanders).filter((code) => code !== 0).length
  total.wrong_exits += exit === (opened ? 6 : 0) ? 0 : 1
  if (!opened) {
    total.ended_before += 1
    return
  }
  total.poisoned += 1
  total.writes_after_poison += writes.length
  total.missing_events += events === 0 ? 1 : 0
  total.double_events += Math.max(0, events - 1)
  total.with_edit_pending += Math.sign(opened.edits)
  total.with_approval_open += Math.sign(opened.approvals)
  total.with_edit_and_approval += Math.sign(opened.edits * opened.approvals)
  total.with_call_open += Math.sign(opened.calls)
  total.with_command_running += Math.sign(opened.commands)
}
