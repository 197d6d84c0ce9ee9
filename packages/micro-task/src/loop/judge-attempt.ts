import { ANSWER_OUTPUTS } from '@ctxlock/contracts/micro-task'
import type { Judgement, ModelReply } from '@ctxlock/contracts/micro-task-iteration'

import { parseCompletionSignal } from '../completion-signal.ts'
import { brokenSignal } from './broken-signal.ts'
import type { IterationRequest } from './iteration.ts'
import { judgePatch, validate, type PatchPorts } from './judge-patch.ts'

export interface JudgePorts {
  /** The text of a stored answer or of a command's output; its hash is checked on the way (MT-050). */
  readText(contentHash: string): string
  /** The answer of a verifier has to cite evidence (ACE-075). */
  readonly mustQuote?: boolean
  /** Absent where nothing may be edited. */
  readonly patch?: PatchPorts
}

type Answered = Extract<ModelReply, { status: 'answered' }>

const CUT_OFF = 'the answer was cut off: it had reached the longest length it may have'

/** Steps (f) and (g): the claim of an answer is untrusted, validation decides (MT-034). */
export async function judgeAttempt(
  ports: JudgePorts,
  request: IterationRequest,
  reply: ModelReply,
): Promise<Judgement> {
  if (reply.status === 'failed') return failedCall(reply)
  const text = ports.readText(reply.output.content_hash)
  const { definition } = request
  if (ANSWER_OUTPUTS.has(definition.expected_output)) {
    const judged = judgeAnswer(text, definition.mt_id, reply, ports)
    const isSound = judged.outcome.kind === 'claimed' && judged.outcome.validation_passed
    if (!isSound || !ports.patch || definition.verify.length === 0) return judged
    ports.patch.worktree.restore()
    return validate(ports.patch, ports.readText, request, reply.output.content_hash)
  }
  if (!ports.patch) throw new TypeError('a micro-task that changes files is judged with the ports for it')
  const judged = await judgePatch(ports.patch, ports.readText, request, { text, output: reply.output.content_hash })
  // What else is wrong with such an answer comes of that.
  return reply.ended_by === 'length' && !judged.validation ? { ...judged, summary: CUT_OFF } : judged
}

function failedCall({ error, code }: Extract<ModelReply, { status: 'failed' }>): Judgement {
  return {
    outcome: { kind: 'model_error' },
    category:
      error === 'model_timeout' ? 'timeout_exceeded' : error === 'context_overflow' ? 'context_overflow' : 'unknown',
    summary: `the model could not be called: ${code}`,
    ...(error === 'resource_exhausted' && { demand: { kind: 'resource_gate' as const } }),
  }
}

/** An answer is its own claim: that it is whole, and its quotations, are checked whether or not it says that it is complete. */
function judgeAnswer(text: string, mtId: string, reply: Answered, ports: JudgePorts): Judgement {
  const broken = brokenSignal(parseCompletionSignal(text, mtId))
  if (broken) return broken
  const summary = lackOf(text, reply, ports)
  return {
    outcome: { kind: 'claimed', validation_passed: summary === undefined, blocking_checks: 1 },
    ...(summary !== undefined && { category: 'incomplete_implementation' as const, summary }),
  }
}

function lackOf(
  text: string,
  { ended_by, quotations: { total, sound } }: Answered,
  { mustQuote }: JudgePorts,
): string | undefined {
  if (ended_by === 'content_filter') return 'the model declined to answer'
  if (ended_by === 'length') return CUT_OFF
  if (text.trim() === '') return 'the answer holds no text'
  if (mustQuote && total === 0) return 'the answer quotes nothing; a verifier quotes what its verdict rests on'
  if (sound < total)
    return `${total - sound} of ${total} quotations do not stand in their files; quote text exactly as it stands`
  return undefined
}
