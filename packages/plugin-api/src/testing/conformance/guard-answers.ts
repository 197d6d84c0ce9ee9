import { ok } from 'node:assert/strict'

import { type CallInput, type Guard, GuardOutcome } from '@ctxlock/contracts/guards'

/** What each hook of the guard says to one call, each in time and of the schema. Hooks the call has no input for are left out. */
export async function answersOf(guard: Guard, call: CallInput, timeoutMs: number): Promise<GuardOutcome[]> {
  const { now, job, policy, ports, plan, trace, candidate_list, snippets, packs } = call
  const questions: (() => unknown)[] = []
  if (plan) {
    const input = { now, job, policy, plan, ports }
    if (guard.validatePlan) questions.push(() => guard.validatePlan?.(input))
    if (trace && guard.validateTrace)
      questions.push(() => guard.validateTrace?.({ ...input, trace, candidate_list, snippets, packs }))
  }
  if (guard.validateCall) questions.push(() => guard.validateCall?.(call))
  const answers: GuardOutcome[] = []
  for (const question of questions) answers.push(GuardOutcome.parse(await inTime(question, timeoutMs)))
  return answers
}

async function inTime(question: () => unknown, timeoutMs: number): Promise<unknown> {
  const start = performance.now()
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`expected an answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    const answer = await Promise.race([question(), promise])
    // A guard that held the process let no timer run.
    ok(performance.now() - start <= timeoutMs, `expected an answer within ${timeoutMs} ms`)
    return answer
  } finally {
    clearTimeout(timer)
  }
}
