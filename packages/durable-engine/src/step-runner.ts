import { EngineError, type StepOptions, type Waited, type WorkflowDefinition } from '@ctxlock/contracts/engine'
import type { RunWait } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import { attempt, type Attempt } from './attempt.ts'
import type { EngineParts } from './engine-parts.ts'
import { RunLost, RunStopped } from './held-run.ts'
import { demandIdentifier } from './identifier.ts'
import { demandSameInput } from './journal.ts'
import { demandSynchronous } from './run-end.ts'
import { failureOf, isFailure, stepFailed } from './run-failure.ts'
import type { RunLife } from './run-life.ts'
import { delayAfter, isRetryable, stepPolicy } from './step-policy.ts'
import { stepIdentity } from './step-identity.ts'
import { corrupt, fromStoredJson, toStoredJson, type StoredJson } from './stored-json.ts'

export interface StepRunner {
  step(activity: string, input: JsonValue, options: StepOptions, waitFor: WaitFor): Promise<JsonValue>
}

type WaitFor = (wait: RunWait) => Promise<Waited>

/** Steps of one life of a run: played back, or run until one attempt succeeds or the last one failed. */
export function stepRunner(parts: EngineParts, definition: WorkflowDefinition, life: RunLife): StepRunner {
  const { clock, timers, random, database, journal } = parts
  const { held } = life
  const { runId } = held
  /** So that two callers of one step share one call of it. */
  const underWay = new Map<string, { readonly inputHash: string; readonly result: Promise<JsonValue> }>()

  async function runStep(name: string, input: StoredJson, hash: string, options: StepOptions, waitFor: WaitFor) {
    const { key } = options
    const policy = stepPolicy(options)
    for (let count = 1; ; count += 1) {
      const retryKey = `${key}:${count}`
      const told = await life.operate(async () => {
        const played = recall(key, hash)
        if (played !== undefined) return { result: played }
        const until = journal.recall(runId, 'retry-until', retryKey, hash)
        if (until !== undefined) return { until: Number(until) }
        held.demandGoingOn()
        return tryOnce(count)
      })
      if ('result' in told) return told.result
      await waitFor({ kind: 'retry', key: retryKey, until: told.until })
    }

    async function tryOnce(count: number): Promise<{ readonly result: JsonValue } | { readonly until: number }> {
      try {
        const scope = { runId, idempotencyKey: `${runId}/${key}`, attempt: count }
        const { timeoutMs } = options
        const made = await attempt(activityOf(name), { scope, input, timeoutMs, timers, life: life.signal })
        return { result: await keep(key, hash, name, made) }
      } catch (error) {
        // What it threw is no matter once it is not ours to say.
        if (life.signal.aborted || error instanceof RunLost || error instanceof RunStopped) throw error
        if (count >= policy.maxAttempts || !isRetryable(error)) throw await keepFailure(key, hash, error)
        const until = clock.now() + delayAfter(policy, count, random.fraction())
        const stored = toStoredJson(until, 'a time')
        await held.write(() => journal.add(runId, 'retry-until', `${key}:${count}`, hash, stored))
        return { until }
      }
    }
  }

  function activityOf(name: string) {
    const activity = Object.hasOwn(definition.activities, name) ? definition.activities[name] : undefined
    if (activity) return activity
    throw new EngineError('ACTIVITY_UNKNOWN', `Expected an activity of ${definition.name}, got ${name}. Register it.`)
  }

  function recall(key: string, hash: string): JsonValue | undefined {
    const result = journal.recall(runId, 'step', key, hash)
    if (result !== undefined) return result
    const failure = journal.recall(runId, 'failure', key, hash)
    if (failure === undefined) return undefined
    if (isFailure(failure)) throw stepFailed(runId, key, failure)
    throw corrupt(`failure of ${runId}/${key}`, 'it is none')
  }

  /** The result and what belongs to it, in one transaction with the question whether the run may still write. */
  function keep(key: string, hash: string, name: string, { result, scope }: Attempt): Promise<JsonValue> {
    const activity = activityOf(name)
    return held.write(
      () => {
        journal.add(runId, 'step', key, hash, result)
        const recorded = fromStoredJson(result.text, 'result')
        demandSynchronous(activity.commit?.(database, recorded, scope))
        return recorded
      },
      { unsynced: activity.unsynced === true },
    )
  }

  async function keepFailure(key: string, hash: string, error: unknown): Promise<EngineError> {
    const failure = failureOf(error)
    const stored = toStoredJson(failure, `the failure of step ${runId}/${key}`)
    await held.write(() => journal.add(runId, 'failure', key, hash, stored))
    return stepFailed(runId, key, failure)
  }

  return {
    async step(name, given, options, waitFor) {
      const { key } = options
      demandIdentifier('the key of a step', key)
      activityOf(name)
      const input = toStoredJson(given, `the input of step ${runId}/${key}`)
      const hash = stepIdentity(name, input)
      const running = underWay.get(key)
      if (running) {
        await life.operate(() => demandSameInput(`step ${runId}/${key}`, running.inputHash, hash))
        return running.result
      }
      const result = runStep(name, input, hash, options, waitFor).finally(() => underWay.delete(key))
      underWay.set(key, { inputHash: hash, result })
      return result
    },
  }
}
