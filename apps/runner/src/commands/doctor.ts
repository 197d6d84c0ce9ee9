import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { planApply } from '../apply/apply-plan.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { removeAbandonedWorktrees } from '../edits/abandoned-worktrees.ts'
import { openPatchIndex } from '../edits/run-patch.ts'
import { runView, type RunView } from '../executor/run-view.ts'
import { unfinishedSwaps, type UnfinishedSwap } from '../executor/swap/unfinished-swaps.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { consentLine, runJson } from '../output/run-status-lines.ts'
import { withRuns, type OpenRuns } from '../run/open-runs.ts'
import type { StoredSession } from '../session/stored-session.ts'

const LOOKED_AT = 1000

/** Something that does not go on by itself. */
interface Stuck {
  /** As it stands in the first column. */
  readonly name: string
  readonly why: string
  /** Exact commands, any of which gets it going. */
  readonly next: readonly string[]
  readonly json: object
}

/**
 * `ctxlock doctor`: what is stuck, why, and the exact next command; exit 4 when something waits for somebody. What killed processes
 * left in the state folder is removed on the way.
 */
export function doctor(_: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  return withRuns(workspaceOf(context), async ({ session, engine }) => {
    const stuck = [...(await stuckRuns(session, engine)), ...interruptedApplies(session), ...leftWorktrees(session)]
    output.result({ ok: stuck.length === 0, stuck: stuck.map(({ why, next, json }) => ({ ...json, next, why })) })
    for (const { name, why, next } of stuck) {
      output.line(`${name}   ${why}`)
      output.line(`           ${next.join(', or ')}`)
    }
    if (stuck.length === 0) output.line('nothing is stuck')
    return stuck.length === 0 ? EXIT_CODE.done : EXIT_CODE.needsPerson
  })
}

/** A run that was poisoned or cancelled is over, whatever its engine knows of it. */
const GOES_ON_OR_IS_OVER: ReadonlySet<RunView['state']> = new Set(['running', 'poisoned', 'cancelled'])

async function stuckRuns({ state: stored }: StoredSession, engine: OpenRuns['engine']): Promise<Stuck[]> {
  const open = await engine.list({ states: ['pending', 'running', 'waiting', 'failed'], limit: LOOKED_AT })
  const swaps = unfinishedSwaps(stored.database)
  return open
    .map((run) => runView(stored, run))
    .filter(({ state, next }) => !GOES_ON_OR_IS_OVER.has(state) && next.length > 0)
    .map((view) => ({
      name: view.runId.slice(0, 8),
      why: `${whyStuck(view)}${duringSwap(swaps.get(view.runId))}`,
      next: view.next,
      json: runJson(view),
    }))
}

function whyStuck({ state, parent, consents, gate, error }: RunView): string {
  const [consent] = consents
  if (consent) return `waits ${consentLine(consent)}${parent === undefined ? '' : `, child of ${parent.slice(0, 8)}`}`
  if (gate) return `waits for a person at ${gate.mtId}: ${gate.why}`
  if (state === 'interrupted') return 'the process that worked on it is gone'
  if (state === 'waiting') return 'waits to be resumed'
  return `failed: ${error ?? 'no reason is on record'}`
}

/** SWAP-018: whoever goes on with the run takes the change back first. */
function duringSwap(swap: UnfinishedSwap | undefined): string {
  if (!swap) return ''
  const { current_model_id, target_model_id } = swap.request
  return `; it was changing from ${current_model_id} to ${target_model_id} (${swap.state}), which is taken back first`
}

/** Patches of which some files may be replaced and others not. */
function interruptedApplies({ root, state: { database }, artifacts }: StoredSession): Stuck[] {
  const patches = openPatchIndex(database, artifacts)
  // An `apply` that is alive replaces its files in one transaction: behind it, nothing of it is half done.
  return inTransaction(database, () => patches.begun()).map(({ patch: { run_id, files }, patch }) => {
    const plan = planApply(root, patch)
    const replaced = plan.filter(({ standing }) => standing === 'after').length
    const changed = plan.find((planned) => 'reason' in planned)
    const then = changed ? `it puts them back, because of ${changed.file.path}` : 'it finishes'
    return {
      name: run_id.slice(0, 8),
      why: `its apply was interrupted with ${replaced} of ${files.length} files replaced; applied again, ${then}`,
      next: [`ctxlock apply ${run_id.slice(0, 8)}`],
      json: { run_id, state: 'apply_interrupted' },
    }
  })
}

function leftWorktrees({ root, state: { folder } }: StoredSession): Stuck[] {
  return removeAbandonedWorktrees(root, folder).map((path) => ({
    name: 'worktree',
    why: 'a killed process left it, and it cannot be removed',
    next: [`rm -r ${path}`],
    json: { path, state: 'worktree_left' },
  }))
}
