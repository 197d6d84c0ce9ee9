import { DEFAULT_RETRIEVAL_BUDGETS, type RetrievalBudgets, type Store } from '@ctxlock/contracts/retrieval'
import type { Timestamp } from '@ctxlock/contracts/primitives'

/** One thing that can be asked, and the stores that answer (ACE-022). */
export interface CatalogEntry {
  readonly entry_id: string
  readonly kind: 'entity_type' | 'index' | 'view' | 'tool'
  readonly name: string
  readonly version: string
  readonly description: string
  readonly query_routes: readonly Store[]
  readonly supported_selectors: readonly string[]
  readonly default_budgets?: RetrievalBudgets
  readonly last_updated_at: Timestamp
}

// Of every entry, and written down by hand when one changes: the same release shows the same catalog everywhere.
const version = '1'
const last_updated_at = '2026-11-20T00:00:00.000Z'
const default_budgets = DEFAULT_RETRIEVAL_BUDGETS

const ENTRIES: readonly CatalogEntry[] = [
  {
    entry_id: 'view:context_packs',
    kind: 'view',
    name: 'Context packs',
    version,
    description: 'Anchors of fresh packs, one pack a workspace file.',
    query_routes: ['context_packs'],
    supported_selectors: ['lines'],
    default_budgets,
    last_updated_at,
  },
  {
    entry_id: 'index:lexical',
    kind: 'index',
    name: 'Lexical index',
    version,
    description: 'Words and identifiers of workspace files, by windows of lines.',
    query_routes: ['shadow_ws_lexical'],
    supported_selectors: ['lines'],
    default_budgets,
    last_updated_at,
  },
  {
    entry_id: 'index:vector',
    kind: 'index',
    name: 'Vector index',
    version,
    description: 'Meaning of windows of lines, where the workspace names an embedding model.',
    query_routes: ['shadow_ws_vector'],
    supported_selectors: ['lines'],
    default_budgets,
    last_updated_at,
  },
  {
    entry_id: 'entity_type:file',
    kind: 'entity_type',
    name: 'Workspace file',
    version,
    description: 'A file of the workspace, read by bounded selectors only.',
    query_routes: ['context_packs', 'shadow_ws_lexical', 'shadow_ws_vector', 'bounded_read_only'],
    supported_selectors: ['lines', 'span'],
    default_budgets,
    last_updated_at,
  },
]

/** The built-in catalog as one caller may see it: entries none of whose stores was granted are not shown (ACE-023). */
export function semanticCatalog(granted: ReadonlySet<Store>): readonly CatalogEntry[] {
  return ENTRIES.filter((entry) => entry.query_routes.some((store) => granted.has(store))).map((entry) => ({
    ...entry,
    query_routes: entry.query_routes.filter((store) => granted.has(store)),
  }))
}
