import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { personHere } from '../consent/person-id.ts'
import { finishErasures } from '../erasure/carry-out.ts'
import { isEmptyPlan, planErasure, planHash, type ErasurePlan } from '../erasure/erasure-plan.ts'
import { scopeOf } from '../erasure/erasure-scope.ts'
import { erase as eraseByOrder } from '../erasure/order-erasure.ts'
import { planJson, planLines } from '../erasure/plan-lines.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { askPerson } from '../output/ask-person.ts'
import type { Output } from '../output/output.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { openSession } from '../session/session.ts'
import { checkRecorded } from '../session/stored-session.ts'

export interface EraseOptions extends GlobalOptions {
  /** Texts and salts of the events too, not only what is stored beside the log. */
  readonly bodies?: boolean
  readonly reason?: string
  readonly dryRun?: boolean
  /** The plan that was looked at, by its hash. */
  readonly yes?: string
}

/** `ctxlock erase`: deletes what is kept of a call or a run for good, after an order that says so was recorded and signed. */
export async function erase([name]: readonly string[], context: CommandContext<EraseOptions>): Promise<number> {
  const { options, output } = context
  const root = workspaceOf(context)
  checkRecorded(root)
  const session = await openSession({ root, variables: process.env })
  try {
    if (options.dryRun !== true) await finishErasures(session)
    if (name === undefined) {
      output.result({ ok: true, exit: EXIT_CODE.done })
      output.line('whatever was ordered to be erased is erased')
      return EXIT_CODE.done
    }
    const plan = planErasure(session, scopeOf(session, name), options.bodies === true)
    for (const line of planLines(plan)) output.line(line)
    const isDone = isEmptyPlan(plan)
    if (isDone || options.dryRun === true) {
      output.result({ ok: true, exit: EXIT_CODE.done, erased: false, ...planJson(plan) })
      output.line(isDone ? 'nothing of it is left to erase' : 'nothing was erased')
      return EXIT_CODE.done
    }
    const reason = requireReason(options.reason)
    if (!(await isConfirmed(plan, options.yes, output))) throw notConfirmed(plan)
    return await recordedRun(session, 'erase', async ({ runId }) => {
      const done = await eraseByOrder(session, plan, { cause: 'person', reason, user_id: personHere() }, runId)
      output.result({
        ok: true,
        exit: EXIT_CODE.done,
        erased: true,
        ...planJson(plan),
        overwritten: done.isOverwritten,
      })
      output.line('erased     an event of the log says what, when, why and by whom; `ctxlock verify` stays green')
      if (!done.isOverwritten)
        output.line('           another process reads the database: run `ctxlock erase` once more')
      return EXIT_CODE.done
    })
  } finally {
    await session.close()
  }
}

async function isConfirmed(plan: ErasurePlan, named: string | undefined, { json }: Output): Promise<boolean> {
  if (named !== undefined) return named.length >= 8 && planHash(plan).startsWith(named)
  if (json || !process.stdin.isTTY || !process.stdout.isTTY) return false
  return askPerson('Erase this for good?', process.stdin, process.stdout)
}

function requireReason(reason = ''): string {
  if (/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,512}$/u.test(reason)) return reason
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'REASON_MISSING',
    message: 'expected --reason with one line that says why; it is recorded and stays',
    hint: 'For example --reason "asked for by the person concerned". `--dry-run` needs none.',
  })
}

function notConfirmed(plan: ErasurePlan): CommandError {
  const digits = planHash(plan).slice(0, 16)
  return new CommandError({
    exit: EXIT_CODE.needsPerson,
    code: 'ERASURE_NOT_CONFIRMED',
    message: `nothing was erased: the plan ${digits} was not confirmed`,
    hint: `Answer at a terminal, or give --yes ${digits} after looking at --dry-run.`,
  })
}
