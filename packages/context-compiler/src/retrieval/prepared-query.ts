import type { CaseFolding } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'
import { textHash } from '@ctxlock/core-hash'

import { queryTerms } from '../lexical/tokens.ts'
import { normaliseQuery } from '../query/normalise-query.ts'

/** A plan's query in the three forms retrieval works with. */
export interface PreparedQuery {
  readonly text: string
  /** `normalized_query_hash` (ACE-024). */
  readonly hash: Hash
  readonly terms: ReadonlySet<string>
}

export function prepareQuery(plan: QueryPlan, folding: CaseFolding): PreparedQuery {
  const text = normaliseQuery(plan.query_text, folding)
  return { text, hash: textHash(text), terms: new Set(queryTerms(plan.query_text)) }
}
