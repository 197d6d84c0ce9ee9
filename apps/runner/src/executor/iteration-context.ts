import { ANSWER_OUTPUTS } from '@ctxlock/contracts/micro-task'
import type { ArtifactStore, TokenCounter } from '@ctxlock/contracts/ports'
import { cutToTokens, EDIT_FORMAT_INSTRUCTION, SECTION_TOKENS, type IterationRequest } from '@ctxlock/micro-task'

import type { Attempt } from '../governed-call/call-subject.ts'

/** What the request adds to a call, each section within its budget (spec 08 section 5). */
export function attemptSections(
  request: IterationRequest,
  artifacts: Pick<ArtifactStore, 'get'>,
  counter: TokenCounter,
): Pick<Attempt, 'context' | 'previousOutput' | 'cut' | 'protocol'> {
  const within = (text: string, section: keyof typeof SECTION_TOKENS) =>
    cutToTokens(text, SECTION_TOKENS[section], counter.count)
  const context = within(iterationContext(request), 'iteration_context')
  const output = previousOutput(request, artifacts)
  const previous = output === undefined ? undefined : within(output, 'previous_output')
  return {
    context: context.text,
    previousOutput: previous?.text,
    cut: [
      ...(context.isCut ? (['iteration_context'] as const) : []),
      ...(previous?.isCut === true ? (['previous_output'] as const) : []),
    ],
    protocol: completionProtocol(request),
  }
}

/** Where the work stands, for the model (MT-023). A cloud model is not told what was wrong: the line may quote what a command printed. */
function iterationContext(request: IterationRequest): string {
  const { definition, iteration, maxIterations, modelId, level, isCloud, completed, total, previous } = request
  return [
    `# Micro-task ${definition.mt_id}: ${definition.name}`,
    '',
    `Iteration ${iteration} of at most ${maxIterations}, at level ${level}, by ${modelId}. ${completed} of ${total} micro-tasks are complete.`,
    ...(previous === undefined ? [] : [`The last iteration ended as ${previous.outcome}.`]),
    ...(previous?.error === undefined || isCloud ? [] : [`What was wrong with it: ${previous.error.slice(0, 400)}`]),
  ].join('\n')
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
