import { EngineError, type RunWait, type Waited, type WorkflowContext } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'
import { demandIdentifier } from './identifier.ts'
import type { WaitKind } from './journal.ts'
import { readDecision } from './open-waits.ts'
import type { RunLife } from './run-life.ts'
import { isDuration } from './step-policy.ts'
import type { StepRunner } from './step-runner.ts'
import { toStoredJson } from './stored-json.ts'

const READING = toStoredJson(['now'], 'the marker of a clock reading')

/** What the workflow of one life may ask for. */
export function workflowContext(
  { clock, journal }: Pick<EngineParts, 'clock' | 'journal'>,
  life: RunLife,
  steps: StepRunner,
): WorkflowContext {
  const { held } = life
  const { runId } = held

  /** A time, read once; with the input it belongs to. */
  function timeOnce(kind: 'now' | `${WaitKind}-until`, key: string, inputHash: string, after: number): Promise<number> {
    return life.operate(async () => {
      const entry = journal.recall(runId, kind, key, inputHash)
      if (entry !== undefined) return Number(entry)
      held.demandGoingOn()
      return held.write(() => {
        const time = clock.now() + after
        journal.add(runId, kind, key, inputHash, toStoredJson(time, 'a time'))
        return time
      })
    })
  }

  async function timed(kind: 'signal' | 'sleep', key: string, milliseconds: number): Promise<Waited> {
    const { hash } = toStoredJson([kind, milliseconds], 'a duration')
    return waitFor({ kind, key, until: await timeOnce(`${kind}-until`, key, hash, milliseconds) })
  }

  async function waitFor(wait: RunWait): Promise<Waited> {
    const { decided } = await life.operate(() => {
      const decision = readDecision(journal, runId, wait)
      if (decision) return { decided: Promise.resolve(decision) }
      held.demandGoingOn()
      return { decided: life.waits.add(wait) }
    })
    return decided
  }

  return {
    runId,
    step: (activity, input, options) => steps.step(activity, input, options, waitFor),
    async waitForSignal(name, { timeoutMs } = {}) {
      demandIdentifier('the name of a signal', name)
      if (timeoutMs === undefined) return waitFor({ kind: 'signal', key: name })
      demandDuration('timeoutMs', name, timeoutMs)
      return timed('signal', name, timeoutMs)
    },
    async sleep(key, milliseconds) {
      demandIdentifier('the key of a sleep', key)
      demandDuration('the length', key, milliseconds)
      await timed('sleep', key, milliseconds)
    },
    async now(key) {
      demandIdentifier('the key of a clock reading', key)
      return timeOnce('now', key, READING.hash, 0)
    },
  }
}

function demandDuration(what: string, key: string, milliseconds: number): void {
  if (isDuration(milliseconds)) return
  throw new EngineError('OPTION_INVALID', `Expected ${what} of the wait ${key} to be milliseconds from 0.`)
}
