import { ANSWER_OUTPUTS } from '@ctxlock/contracts/micro-task'
import type { ArtifactStore, TokenCounter } from '@ctxlock/contracts/ports'
import { ValidationResult } from '@ctxlock/contracts/micro-task-run'
import {
  cutToTokens,
  EDIT_FORMAT_INSTRUCTION,
  SECTION_TOKENS,
  tailWithinTokens,
  type IterationRequest,
} from '@ctxlock/micro-task'
import { z } from 'zod'

import type { Attempt } from '../governed-call/call-subject.ts'

/** What the request adds to a call, each section within its budget (spec 08 section 5). */
export function attemptSections(
  request: IterationRequest,
  artifacts: Pick<ArtifactStore, 'get'>,
  counter: TokenCounter,
): Pick<Attempt, 'context' | 'previousOutput' | 'lastFault' | 'failedCheck' | 'cut' | 'protocol'> {
  const context = cutToTokens(iterationContext(request), SECTION_TOKENS.iteration_context, counter.count)
  const output = previousOutput(request, artifacts)
  const failed = failedCheck(request, artifacts, counter)
  // One section: what a check said goes before what it was said of.
  const room = SECTION_TOKENS.previous_output - (failed === undefined ? 0 : counter.count(failed))
  const previous = output === undefined ? undefined : cutToTokens(output, room, counter.count)
  return {
    context: context.text,
    previousOutput: previous?.text,
    lastFault: lastFault(request),
    failedCheck: failed,
    cut: [
      ...(context.isCut ? (['iteration_context'] as const) : []),
      ...(previous?.isCut === true ? (['previous_output'] as const) : []),
    ],
    protocol: completionProtocol(request),
  }
}

/** Where the work stands, for the model (MT-023), in words of ours alone. */
function iterationContext(request: IterationRequest): string {
  const { definition, iteration, maxIterations, modelId, level, completed, total, previous } = request
  return [
    `# Micro-task ${definition.mt_id}: ${definition.name}`,
    '',
    `Iteration ${iteration} of at most ${maxIterations}, at level ${level}, by ${modelId}. ${completed} of ${total} micro-tasks are complete.`,
    ...(previous === undefined ? [] : [`The last iteration ended as ${previous.outcome}.`]),
  ].join('\n')
}

/** What was wrong with the last answer. It may quote the answer, or what a command printed: a cloud model is not told. */
function lastFault({ previous, isCloud }: IterationRequest): string | undefined {
  if (previous?.error === undefined || isCloud) return undefined
  return `What was wrong with the last iteration: ${previous.error.slice(0, 400)}`
}

/** How an answer that edits files claims completion (MT-032, MT-036, MT-037); undefined where the answer itself is the claim. */
function completionProtocol({ definition }: IterationRequest): string | undefined {
  if (ANSWER_OUTPUTS.has(definition.expected_output)) return undefined
  const { modify, create } = definition.files
  const criteria = definition.done.map(({ description }) => `- "${description}" -> <file>:<first line>-<last line>`)
  return `# How to answer

Change only these files: ${[...modify, ...create].join(', ')}. ${EDIT_FORMAT_INSTRUCTION}

When everything is done, say so once, after the edits. Commands check it; what is unfinished or marked TODO is not done.
<mt_complete>
MT_ID: ${definition.mt_id}
EVIDENCE:
${criteria.join('\n')}
</mt_complete>
Lines are those of the file after your edits. If you cannot go on, write instead:
<blocked>
REASON: missing_file_in_scope, clarification_available, transient_tool_error, or another word
NEED: what is missing
</blocked>`
}

/** Not for a cloud model: what a local one wrote rests on sources that may not leave. */
function previousOutput(
  { previous, isCloud }: IterationRequest,
  artifacts: Pick<ArtifactStore, 'get'>,
): string | undefined {
  if (previous?.output === undefined || isCloud) return undefined
  return new TextDecoder().decode(artifacts.get(previous.output))
}

const CHECK_TOKENS = SECTION_TOKENS.previous_output / 2
/** More is not looked at: a check may print half a megabyte. */
const CHECK_CHARACTERS = 4000

/** The end of what the first failed check printed, as it was stored: redacted. Not for a cloud model, like the answer it is about. */
function failedCheck(
  { previous, isCloud }: IterationRequest,
  artifacts: Pick<ArtifactStore, 'get'>,
  { count }: TokenCounter,
): string | undefined {
  if (previous?.evidence === undefined || isCloud) return undefined
  const textOf = (hash: string) => new TextDecoder().decode(artifacts.get(hash))
  const { spec_results } = CheckEvidence.parse(JSON.parse(textOf(previous.evidence)))
  const failed = spec_results.find(({ spec_index }) => previous.blockingFailed?.includes(spec_index))
  const printed = [failed?.stdout_ref, failed?.stderr_ref].flatMap((ref) => (ref ? [textOf(ref.content_hash)] : []))
  const end = printed.join('\n').trimEnd().slice(-CHECK_CHARACTERS).toWellFormed()
  if (end === '') return undefined
  const heading = 'What the failed check printed ended with:\n'
  return `${heading}${tailWithinTokens(end, CHECK_TOKENS - count(heading), count)}`
}

const CheckEvidence = z.object({ spec_results: ValidationResult.shape.spec_results })
