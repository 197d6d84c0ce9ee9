import type { DurableEngine, RunInfo } from '@ctxlock/contracts/engine'

/** The workflow of a run that makes one call for another run. */
export const CHILD_WORKFLOW = 'model_run'

const LOOKED_AT = 1000

/** The run a child works for; undefined for every other run. */
export function parentRunOf({ workflow, input }: Pick<RunInfo, 'workflow' | 'input'>): string | undefined {
  if (workflow !== CHILD_WORKFLOW || typeof input !== 'object' || input === null || Array.isArray(input))
    return undefined
  const { parent_run } = input
  return typeof parent_run === 'string' ? parent_run : undefined
}

/** The children of a run, the newest first. */
export async function childRunsOf(engine: Pick<DurableEngine, 'list'>, runId: string): Promise<RunInfo[]> {
  return (await childRuns(engine)).filter((child) => parentRunOf(child) === runId)
}

/** The child of this id, or whose id begins so, if there is only one. */
export async function findChildRun(engine: Pick<DurableEngine, 'list'>, name: string): Promise<RunInfo | undefined> {
  const named = name === '' ? [] : (await childRuns(engine)).filter(({ runId }) => runId.startsWith(name))
  return named.length === 1 ? named[0] : undefined
}

function childRuns(engine: Pick<DurableEngine, 'list'>): Promise<readonly RunInfo[]> {
  return engine.list({ workflow: CHILD_WORKFLOW, limit: LOOKED_AT })
}
