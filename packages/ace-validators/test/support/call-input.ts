import type { CallInput, PlanInput, TraceInput } from '@ctxlock/contracts/guards'
import { exampleCall, type ExampleCallOptions } from '@ctxlock/contracts/testing'
import { textHash } from '@ctxlock/core-hash'

import { normalizedQuery } from '../../src/guards/query-normalization.ts'
import { createRedactor } from '../../src/redactor.ts'

export {
  EXAMPLE_HASH as HASH,
  EXAMPLE_MAGIC as MAGIC,
  EXAMPLE_TIME as NOW,
  exampleBlock as block,
} from '@ctxlock/contracts/testing'
export type CallOptions = ExampleCallOptions

const redactor = createRedactor()

/** The example call with what only this package can do: the redactor and the normalised query. */
export function callInput({ trace, ports, ...options }: CallOptions = {}): CallInput {
  const plan = { query_text: 'Where is  A defined?', ...options.plan }
  return exampleCall({
    ...options,
    plan,
    ports: { redactor, ...ports },
    trace(found) {
      const normalized = { ...found, normalized_query_hash: textHash(normalizedQuery(plan.query_text)) }
      return trace?.(normalized) ?? normalized
    },
  })
}

export function planInput(options: CallOptions = {}): PlanInput {
  const { now, job, policy, plan, ports } = callInput(options)
  if (plan === null) throw new Error('The call has a plan.')
  return { now, job, policy, plan, ports }
}

export function traceInput(options: CallOptions = {}): TraceInput {
  const { trace, candidate_list, snippets, packs } = callInput(options)
  if (trace === null) throw new Error('The call has a trace.')
  return { ...planInput(options), trace, candidate_list, snippets, packs }
}
