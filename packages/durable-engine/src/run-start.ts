import { EngineError, type RunInfo } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'
import { lineOf } from './identifier.ts'
import { runOfRow, textOf, type Row } from './run-row.ts'
import type { NewRun } from './run-table.ts'

/** Writes a run down or finds it; inside a transaction. Throws `RUN_CONFLICT` and `VERSION_MISMATCH`. */
export function startRun({ runs }: EngineParts, run: NewRun): { readonly created: boolean; readonly run: RunInfo } {
  const row = runs.row(run.runId)
  if (!row) runs.add(run)
  else demandSameRun(row, run)
  return { created: !row, run: row ? runOfRow(row) : runs.info(run.runId) }
}

function demandSameRun(row: Row, { runId, workflow, version, input }: NewRun): void {
  const recorded = { workflow: textOf(row, 'workflow'), version: textOf(row, 'version') }
  if (recorded.workflow !== workflow || textOf(row, 'input_hash') !== input.hash) {
    const what = recorded.workflow === workflow ? 'another input' : `the workflow ${recorded.workflow}`
    throw new EngineError(
      'RUN_CONFLICT',
      `Expected a new run id, got ${runId}, which was started with ${what}. Choose another id.`,
    )
  }
  if (lineOf(workflow, recorded.version) !== lineOf(workflow, version)) {
    throw new EngineError(
      'VERSION_MISMATCH',
      `Expected version ${recorded.version} of ${workflow} for run ${runId}, got ${version}. Finish it with the older code, or start a new run.`,
    )
  }
}
