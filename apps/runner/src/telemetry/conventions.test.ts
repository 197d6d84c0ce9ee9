// Names of attributes are compared with the packages the conventions publish, in the versions the files are named after.
import { SemanticConventions, OpenInferenceSpanKind } from '@arizeai/openinference-semantic-conventions'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'
import { expect, test } from 'vitest'

import manifest from '../../package.json' with { type: 'json' }
import { checkConvention, type Convention } from './convention.ts'
import { CONVENTIONS, findConvention } from './conventions.ts'
import { OPENINFERENCE_2_12_0 } from './conventions/openinference-2.12.0.ts'
import { OTEL_GENAI_1_41_1 } from './conventions/otel-genai-1.41.1.ts'

const attributesOf = ({ common, spans }: Convention) =>
  new Set([common, ...spans.map(({ attributes }) => attributes)].flatMap((each) => Object.keys(each)))
const foreign = (convention: Convention) => [...attributesOf(convention)].filter((name) => !name.startsWith('fr.'))
const wordsUnder = (convention: Convention, name: string) =>
  convention.spans.flatMap(({ attributes: { [name]: source } }) => (source && 'is' in source ? [source.is] : []))

/** What the conventions say carries content. */
const CONTENT =
  /message|prompt_template|instructions|argument|\.result$|query|document|definitions|gen_ai\.completion|^input\.|^output\.|explanation/

test('names and words of OpenTelemetry are those of the pinned release', () => {
  const known = new Set<unknown>(Object.values(incubating))
  expect(foreign(OTEL_GENAI_1_41_1).filter((name) => !known.has(name))).toEqual([])
  for (const word of wordsUnder(OTEL_GENAI_1_41_1, 'gen_ai.operation.name')) expect(known).toContain(word)
  expect(incubating.ATTR_GEN_AI_REQUEST_MODEL).toBe('gen_ai.request.model')
})

test('names and words of OpenInference are those of the pinned release', () => {
  const known = new Set<string>(Object.values(SemanticConventions))
  expect(foreign(OPENINFERENCE_2_12_0).filter((name) => !known.has(name))).toEqual([])
  const kinds = new Set<string>(Object.values(OpenInferenceSpanKind))
  for (const word of wordsUnder(OPENINFERENCE_2_12_0, 'openinference.span.kind')) expect(kinds).toContain(word)
})

test('the packages are pinned to the versions that the files are named after', () => {
  const pinned = manifest.devDependencies
  expect(OTEL_GENAI_1_41_1.id).toBe(`otel-genai@${pinned['@opentelemetry/semantic-conventions']}`)
  expect(OPENINFERENCE_2_12_0.id).toBe(`openinference@${pinned['@arizeai/openinference-semantic-conventions']}`)
})

test('no attribute that conventions give to content is filled, and every file passes the gate', () => {
  for (const convention of CONVENTIONS) {
    expect([...attributesOf(convention)].filter((name) => CONTENT.test(name))).toEqual([])
    expect(findConvention(convention.id)).toBe(convention)
  }
  expect(() => findConvention('otel-genai@0')).toThrow('expected a convention of otel-genai@1.41.1')
})

test.each([
  ['cloud_escalation_requested', 'payload.reason'],
  ['cloud_escalation_requested', 'payload.last_error_summary'],
  ['context_pack_built', 'payload.target'],
  ['context_pack_built', 'payload.source_hashes'],
  ['llm_inference', 'payload.effective_model_id'],
  ['llm_inference', 'payload.finish_reason'],
  ['llm_inference', 'payload.nothing'],
  ['tool_call', 'payload.error.message'],
  ['call_settled', 'payload.answer_ref'],
  ['run_end', 'salt'],
] as const)('a rule that would send %s %s is refused', (event, from) => {
  const rule = { event, operation: 'x', kind: 'internal', attributes: { x: { from } } } as const
  expect(() => checkConvention({ id: 'own', common: {}, spans: [rule] })).toThrow(
    `own may not send ${from} of ${event}`,
  )
})
