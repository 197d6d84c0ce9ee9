import type { DatabaseSync } from 'node:sqlite'

import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import {
  lexicalRoute,
  planQuery,
  syncIndex,
  type QueryPlanInput,
  type RetrievalInput,
  type RetrievalRoute,
} from '../../src/index.ts'
import { countingStamps, folding } from './ports.ts'
import { filesOf, folderReader } from './folder.ts'
import { type Files, makeWorkspace, openDatabase } from './workspace.ts'

export interface CallOptions {
  readonly query?: string
  readonly plan?: Partial<QueryPlanInput>
  readonly paths?: readonly string[]
  readonly routes?: readonly RetrievalRoute[]
}

/** A workspace on disk with its index, and retrieval inputs over them. */
export function callOver(files: Files) {
  const root = makeWorkspace(files)
  const database: DatabaseSync = openDatabase()
  syncIndex(database, { files: filesOf(root) })
  return {
    root,
    database,
    input({
      query = 'checksum',
      plan = {},
      paths = [],
      routes = [lexicalRoute(database)],
    }: CallOptions = {}): RetrievalInput {
      const stamps = countingStamps()
      const stores = routes.map(({ store }) => store)
      return {
        plan: planQuery({ queryText: query, stores, determinismMode: 'replay', policyId: 'default', ...plan }, stamps),
        scope: { inputs: { entity_refs: [], topic_scope: { paths: [...paths] } }, paths },
        routes: Object.fromEntries(routes.map((route) => [route.store, route])),
        reader: folderReader(root),
        counter: codePointsPerFour,
        folding,
        stamps,
      }
    },
  }
}

/** A text of `count` numbered lines, each about `tokens` tokens long. */
export function linesOfTokens(count: number, tokens: number, word: string): string {
  const filler = 'x'.repeat(Math.max(0, tokens * 4 - word.length - 8))
  return Array.from({ length: count }, (_, index) => `${word} ${String(index + 1).padStart(5, '0')} ${filler}\n`).join(
    '',
  )
}
