import type { TriedFile } from '@ctxlock/contracts/micro-task-iteration'
import type { LoopEvent } from '@ctxlock/micro-task'

import type { RunEdits } from './run-edits.ts'

/** The last answer to each micro-task and what it was checked with: what is kept when it completes the micro-task. */
export interface LastAnswers {
  /** `output` is the hash of the answer. */
  answered(mtId: string, output: string): void
  checked(mtId: string, edits: readonly TriedFile[]): void
  /**
   * What is complete is kept, and what is kept is a patch when the loop is through; in the transaction that records the events that say
   * so. Throws what `RunEdits.accept` throws.
   */
  keep(events: readonly LoopEvent[]): void
}

/** None of it is stored: a loop that is played again tells it again. */
export function openLastAnswers(edits: RunEdits | undefined, readText: (hash: string) => string): LastAnswers {
  const outputs = new Map<string, string>()
  const tried = new Map<string, readonly TriedFile[]>()
  return {
    answered: (mtId, output) => void outputs.set(mtId, output),
    checked: (mtId, files) => void tried.set(mtId, files),
    keep(events) {
      for (const { type, mt_id } of events) {
        const output = mt_id === undefined ? undefined : outputs.get(mt_id)
        if (type === 'micro_task_complete' && mt_id !== undefined && output !== undefined) {
          edits?.accept(mt_id, readText(output), tried.get(mt_id) ?? [])
        }
        if (type === 'micro_task_loop_completed') edits?.finish()
      }
    },
  }
}
