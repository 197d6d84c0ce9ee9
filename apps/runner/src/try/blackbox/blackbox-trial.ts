import { LEAST_FILE_TOKENS } from '@ctxlock/micro-task'

import { EXIT_CODE } from '../../exit-code.ts'
import type { Alterations } from './alterations.ts'
import { alteredRecord, type Alteration } from './altered-log.ts'
import { replayOffline, verifyRecord, type Replayed, type Verified } from './checked-record.ts'
import { poisonedFile, waivedQuotation } from './file-trials.ts'
import {
  aboutLines,
  alterationName,
  callLine,
  commandLine,
  replayLine,
  swapLines,
  swapOutcome,
  verifyLines,
  type SwapOutcome,
} from './report.ts'
import { shownCalls, type ShownCall } from './shown-calls.ts'
import { runTask } from './forced-task.ts'
import { copyWorkspace, MODELS } from './trial-copy.ts'
import { trialTask } from './trial-task.ts'

export interface Trial {
  readonly root: string
  /** An empty folder; nothing is written anywhere else. */
  readonly scratch: string
  readonly signal: AbortSignal
  /** Told of each result as it is there. */
  say(line: string): void
  readonly alterations: Alterations
}

export interface BlackboxTrial {
  /** Whether everything came out as it has to; a payload that did not get smaller, because all of it fits, is no failure. */
  readonly ok: boolean
  /** Files that the task is not about because the scanner finds something in them. */
  readonly passed_over: readonly string[]
  readonly run_id: string
  readonly calls: readonly ShownCall[]
  readonly rules_sha256: readonly string[]
  readonly poisoned_exit: number
  readonly quoted_exit: number
  readonly waived_exit: number
  readonly verified: Verified
  readonly altered: readonly (Alteration & { readonly verified: Verified })[]
  readonly replayed: Replayed
}

/** The whole trial, in a copy of `root`: every line says what was measured in it. */
export async function blackboxTrial({ root, scratch, signal, say, alterations }: Trial): Promise<BlackboxTrial> {
  const copy = copyWorkspace(root, scratch)
  say(`copy       ${copy.files} files, with keys and a config of their own`)
  const { task, paths, suspicious } = trialTask(copy.root)
  for (const line of aboutLines(paths, suspicious)) say(line)
  const alone = await runTask(copy, { ...task, steps: task.steps?.slice(1, 2) ?? [] }, 1, signal)
  const window = narrowWindow(shownCalls(copy, alone.runId))
  copy.giveWindow(window)
  say(`window     ${window} tokens for ${MODELS.second}: the second step asked alone, with half of its passages`)
  const steps = await runTask(copy, task, 1, signal)
  const calls = shownCalls(copy, steps.runId)
  const swap = swapOutcome(calls)
  for (const line of [...calls.map(callLine), ...swapLines(swap)]) say(line)

  const poisoned = await poisonedFile(copy, scratch, signal)
  say(commandLine('poisoned', 'a file that says what a model should do', poisoned))
  const { before, after } = await waivedQuotation(copy, scratch, signal)
  say(commandLine('quoted', 'a file that only quotes such a sentence', before))
  say(commandLine('waived', 'the same bytes, held harmless by a person for an hour (here: by the trial)', after))

  const verified = await verifyRecord(copy, signal)
  for (const line of verifyLines('verify', verified)) say(line)
  const altered: (Alteration & { readonly verified: Verified })[] = []
  for await (const alteration of alterations(verified.events)) {
    const answer = await verifyRecord(alteredRecord(copy, scratch, alteration), signal)
    altered.push({ ...alteration, verified: answer })
    for (const line of [alterationName(alteration), ...verifyLines('', answer)]) say(line)
  }

  const replayed = await replayOffline(copy, steps.runId, signal)
  say(replayLine(replayed))
  return {
    ok:
      steps.exit === EXIT_CODE.done &&
      isSwapped(swap) &&
      poisoned.exit === EXIT_CODE.poisoned &&
      before.exit === EXIT_CODE.poisoned &&
      after.exit === EXIT_CODE.done &&
      verified.exit === EXIT_CODE.done &&
      altered.every((alteration) => alteration.verified.exit === EXIT_CODE.verificationFailed) &&
      replayed.exit === EXIT_CODE.done,
    passed_over: suspicious,
    run_id: steps.runId,
    calls,
    rules_sha256: swap.rules,
    poisoned_exit: poisoned.exit,
    quoted_exit: before.exit,
    waived_exit: after.exit,
    verified,
    altered,
    replayed,
  }
}

/** Tokens that hold such a request with half of its passages, and an answer, which gets a quarter of a window. */
function narrowWindow(calls: readonly ShownCall[]): number {
  const [call] = calls
  if (!call) throw new TypeError('a task that ran made a call')
  const others = Math.ceil(call.bytes / 4) - call.evidence_tokens
  return Math.ceil(((others + Math.max(LEAST_FILE_TOKENS, call.evidence_tokens / 2)) * 4) / 3)
}

function isSwapped({ second, rules }: SwapOutcome): boolean {
  return second?.answered === true && rules.length === 1
}
