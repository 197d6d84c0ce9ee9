// Compiles one strict call over the folder named on the command line and prints every hash of it.
import { DatabaseSync } from 'node:sqlite'

import { idsHash, queryPlanHash, retrievalTraceHash } from '@ctxlock/contracts/retrieval'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import {
  compileEnvelope,
  lexicalRoute,
  planQuery,
  renderEnvelope,
  retrieve,
  snippetBlocks,
  syncIndex,
} from '../../src/index.ts'
import { filesOf, folderReader } from './folder.ts'
import { countingStamps, folding } from './ports.ts'

const [root = '', start = '0'] = process.argv.slice(2)
const stamps = countingStamps(Number(start))
const database = new DatabaseSync(':memory:')
const { corpusHash } = syncIndex(database, { files: filesOf(root) })
const plan = planQuery(
  {
    queryText: 'Wo steht die Prüfsumme der Kiste?',
    stores: ['shadow_ws_lexical'],
    determinismMode: 'strict',
    policyId: 'default',
  },
  stamps,
)
const retrieval = await retrieve({
  plan,
  scope: { inputs: { entity_refs: [], topic_scope: { paths: ['b.md'] } }, paths: ['b.md'] },
  routes: { shadow_ws_lexical: lexicalRoute(database) },
  reader: folderReader(root),
  counter: codePointsPerFour,
  folding,
  stamps,
})
const envelope = compileEnvelope({
  prefix: [
    { kind: 'rules', order_key: '10', content: 'Be exact.', source_refs: [], sensitivity: 'low', projection: 'full' },
  ],
  suffix: snippetBlocks(retrieval.snippets, { orderPrefix: '50', sensitivity: 'low', projection: 'full' }),
  budgets: { total: 4000, prefix: 1000, suffix: 3000 },
  counter: codePointsPerFour,
})
const hashes = {
  corpus: corpusHash,
  plan: queryPlanHash(plan),
  trace: retrievalTraceHash(retrieval.trace),
  candidates: idsHash(retrieval.candidates.map(({ candidate_id }) => candidate_id)),
  prompt: envelope.full_prompt_hash,
  nonce: envelope.delimiter_nonce,
  messages: renderEnvelope(envelope).messages,
}
process.stdout.write(`${JSON.stringify(hashes)}\n`)
