import { planHash, type ErasurePlan } from './erasure-plan.ts'

/** What an erasure would take, for a person to look at before. */
export function planLines(plan: ErasurePlan): string[] {
  const { calls, objects, vaultObjects, events, spared } = plan
  const texts = events.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  return [
    `calls      ${calls.length}${whatGoesAlong(plan)}`,
    `objects    ${objects.length} stored, that nothing else leads to`,
    `vault      ${vaultObjects.length} encrypted payloads`,
    `events     ${texts} lose text and salt; their leaves stay in the tree${spared > 0 ? `; ${spared} stay whole, others need them` : ''}`,
    `plan       ${planHash(plan).slice(0, 16)}`,
  ]
}

function whatGoesAlong({ calls, runIds }: ErasurePlan): string {
  if (runIds.length > 0) return ' and all else of their runs: requests and answers'
  return calls.length === 0 ? '' : ' of a run that keeps its others: requests and answers'
}

export function planJson(plan: ErasurePlan): object {
  const { events, runs, calls, runIds, objects, vaultObjects, spared } = plan
  return {
    events,
    runs,
    calls,
    run_ids: runIds,
    objects,
    vault_objects: vaultObjects,
    spared,
    plan_hash: planHash(plan),
  }
}
