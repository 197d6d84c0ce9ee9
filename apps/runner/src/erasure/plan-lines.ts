import { planHash, type ErasurePlan } from './erasure-plan.ts'

/** What an erasure would take, for a person to look at before. */
export function planLines(plan: ErasurePlan): string[] {
  const { calls, runIds, objects, vaultObjects, events, spared } = plan
  const texts = events.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  return [
    `calls      ${calls.length}${runIds.length === 0 ? ' of a run that keeps its others' : ' and all else of their runs'}: requests and answers`,
    `objects    ${objects.length} stored, that nothing else leads to`,
    `vault      ${vaultObjects.length} encrypted payloads`,
    `events     ${texts} lose text and salt; their leaves stay in the tree${spared > 0 ? `; ${spared} stay whole, others need them` : ''}`,
    `plan       ${planHash(plan).slice(0, 16)}`,
  ]
}

export function planJson(plan: ErasurePlan): object {
  return { ...plan, plan_hash: planHash(plan) }
}
