import { ANSWER_OUTPUTS } from '@ctxlock/contracts/micro-task'
import type { ArtifactStore } from '@ctxlock/contracts/ports'
import { EDIT_FORMAT_INSTRUCTION, type IterationRequest } from '@ctxlock/micro-task'

/** Four characters a token, as everywhere where no tokenizer is at hand. */
const PREVIOUS_OUTPUT_CHARACTERS = 800

/** Where the work stands, for the model (MT-023). Bounded: names and errors are cut to a line each. */
export function iterationContext(request: IterationRequest): string {
  const { definition, iteration, maxIterations, modelId, level, completed, total, previous } = request
  return [
    `# Micro-task ${definition.mt_id}: ${definition.name}`,
    '',
    `Iteration ${iteration} of at most ${maxIterations}, at level ${level}, by ${modelId}. ${completed} of ${total} micro-tasks are complete.`,
    ...(previous === undefined ? [] : [`The last iteration ended as ${previous.outcome}.`]),
    ...(previous?.error === undefined ? [] : [`What was wrong with it: ${previous.error.slice(0, 400)}`]),
  ].join('\n')
}

/** How an answer that edits files claims completion (MT-032, MT-036, MT-037); undefined where the answer itself is the claim. */
export function completionProtocol({ definition }: IterationRequest): string | undefined {
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

/** The beginning of the last answer, about 200 tokens (spec 08 section 5). */
export function previousOutput(
  { previous }: IterationRequest,
  artifacts: Pick<ArtifactStore, 'get'>,
): string | undefined {
  if (previous?.output === undefined) return undefined
  const text = new TextDecoder().decode(artifacts.get(previous.output))
  return Array.from(text.slice(0, 2 * PREVIOUS_OUTPUT_CHARACTERS))
    .slice(0, PREVIOUS_OUTPUT_CHARACTERS)
    .join('')
}
