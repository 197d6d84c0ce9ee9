// Query plan, lexical index, candidates, spans and trace; envelope, snapshot and the checks before bytes are made.
export { CompileError, type CompileErrorCode, type CompileErrorDetails } from './compile-error.ts'
export type { RecordStamps } from './record-stamps.ts'

export { normaliseQuery } from './query/normalise-query.ts'
export { planQuery, type QueryPlanInput } from './query/query-plan.ts'
export { semanticCatalog, type CatalogEntry } from './query/semantic-catalog.ts'

export type { LineRange } from './lexical/chunks.ts'
export { lexicalRoute, type LexicalRouteOptions } from './lexical/lexical-route.ts'
export { indexCorpusHash, searchIndex, type IndexHit, type IndexSearch } from './lexical/search-index.ts'
export { syncIndex, type IndexedFile, type IndexSync } from './lexical/sync-index.ts'
export { windowsOf, type Windows } from './lexical/windows.ts'

export { packRoute, type CheckedPack, type PackCheck, type PackRouteOptions } from './packs/pack-route.ts'

export { candidateCache, type CandidateCache } from './cache/candidate-cache.ts'
export {
  cacheKeyHash,
  sourcesHash,
  stageCacheKey,
  toolchainHash,
  type CacheKeyInput,
  type Toolchain,
} from './cache/cache-key.ts'

export type { SourceCandidate, SourceFacts } from './retrieval/candidate.ts'
export { changedSnippets } from './retrieval/changed-snippets.ts'
export type { Decision } from './retrieval/decision.ts'
export {
  replayRetrieval,
  reselect,
  verifyCandidateList,
  type Replay,
  type ReplayInput,
} from './retrieval/replay-retrieval.ts'
export type { Reranker } from './retrieval/rerank.ts'
export type { RetrievalInput, Scope, SelectionPorts } from './retrieval/retrieval-input.ts'
export { retrieve, type Removal, type Retrieval } from './retrieval/retrieve.ts'
export type { RetrievalRoute, RouteAnswer, RouteHit, RouteQuery, SearchStore } from './retrieval/route.ts'
export type { Snippet } from './retrieval/selection.ts'
export type { RouteTable } from './retrieval/source-texts.ts'

export { compileEnvelope, type EnvelopeInput } from './envelope/compile-envelope.ts'
export { evidenceBudget, type EvidenceBudgetInput } from './envelope/evidence-budget.ts'
export {
  renderEnvelope,
  type PromptMessage,
  type PromptSegment,
  type RenderedPrompt,
} from './envelope/render-envelope.ts'
export { snippetBlocks, type SnippetBlockOptions } from './envelope/snippet-blocks.ts'
export { verifyAssembly } from './envelope/verify-assembly.ts'

export { callReport, type CallReport, type CallReportInput } from './record/call-report.ts'
export { buildContextPlan, type ContextPlanInput } from './record/context-plan.ts'
export { buildSnapshot, type SnapshotInput } from './record/context-snapshot.ts'
export { syncVectors, type VectorInput, type VectorPrefixes, type VectorSync } from './vector/sync-vectors.ts'
export { vectorRoute, type VectorRouteOptions } from './vector/vector-route.ts'
