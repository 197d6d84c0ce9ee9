import type { ScopeInputs } from '@ctxlock/contracts/context'
import type { CaseFolding, SourceReader, TokenCounter } from '@ctxlock/contracts/ports'
import type { QueryPlan } from '@ctxlock/contracts/retrieval'

import type { CandidateCache } from '../cache/candidate-cache.ts'
import type { Toolchain } from '../cache/cache-key.ts'
import type { RecordStamps } from '../record-stamps.ts'
import type { SourceFacts } from './candidate.ts'
import type { Reranker } from './rerank.ts'
import type { RouteTable } from './source-texts.ts'

export interface Scope {
  readonly inputs: ScopeInputs
  /** Files the task names, most important first (MT-022: modify before read). Always read, packs or not (FG-028). */
  readonly paths: readonly string[]
}

/** The part of the input that selection and replay need. */
export interface SelectionPorts {
  readonly scope: Scope
  readonly reader: SourceReader
  readonly counter: TokenCounter
  readonly folding: CaseFolding
  /** Routes that can read what they name; workspace files need none. */
  readonly routes: RouteTable
}

export interface RetrievalInput extends SelectionPorts {
  /** From `planQuery`; without one the call fails (ACE-018). */
  readonly plan: QueryPlan | undefined
  readonly stamps: RecordStamps
  readonly reranker?: Reranker
  readonly cache?: CandidateCache
  /** Tools whose version changes what is found, such as an extractor; part of every cache key. */
  readonly toolchain?: Toolchain
  /** What the workspace says about a source. Without a classification a cloud call is blocked, without trust it is low. */
  readonly describe?: (sourceId: string) => SourceFacts | undefined
}
