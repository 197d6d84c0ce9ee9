import { RunLedgerRecord } from '@ctxlock/contracts/micro-task-run'

import { MicroTaskError } from '../micro-task-error.ts'

/** What a ledger file holds. A line that a crash cut off is none (MT-048): `length` is where the whole lines end. */
export interface ReadLedger {
  readonly records: readonly RunLedgerRecord[]
  /** UTF-16 units of the text that are whole lines. */
  readonly length: number
}

/** Reads a ledger (MT-045). Throws `LEDGER_DAMAGED` for a whole line that is no record, or out of order. */
export function readLedger(text: string): ReadLedger {
  const length = text.lastIndexOf('\n') + 1
  const lines = text.slice(0, length).split('\n').slice(0, -1)
  const records = lines.map((line, index) => {
    const record = RunLedgerRecord.safeParse(jsonOf(line))
    if (record.success && record.data.seq === index) return record.data
    throw new MicroTaskError(
      'LEDGER_DAMAGED',
      `Expected record ${index} on line ${index + 1} of the ledger. Restore the file, or delete it: it is written again.`,
    )
  })
  return { records, length }
}

/** One line of the file, with its end. */
export function ledgerLine(record: RunLedgerRecord): string {
  return `${JSON.stringify(record)}\n`
}

/** The last record of each step: its status (MT-045). */
export function stepStatuses(records: readonly RunLedgerRecord[]): ReadonlyMap<string, RunLedgerRecord> {
  return new Map(records.map((record) => [record.step_id, record]))
}

/**
 * What has to be appended before a run goes on (MT-047): a step that was under way is completed when its output was stored, else
 * pending again. `outputOf` gives the stored output of a step.
 */
export function recoveredSteps(
  records: readonly RunLedgerRecord[],
  outputOf: (stepId: string) => RunLedgerRecord['output_artifact_ref'] | undefined,
): readonly Pick<RunLedgerRecord, 'step_id' | 'idempotency_key' | 'status' | 'recoverable' | 'output_artifact_ref'>[] {
  return [...stepStatuses(records).values()]
    .filter(({ status }) => status === 'in_progress')
    .map(({ step_id, idempotency_key }) => {
      const output = outputOf(step_id)
      return output
        ? { step_id, idempotency_key, status: 'completed', recoverable: true, output_artifact_ref: output }
        : { step_id, idempotency_key, status: 'pending', recoverable: true }
    })
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
