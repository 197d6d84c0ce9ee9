import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { scannerFor } from '@ctxlock/ace-validators/scanner'
import {
  buildContextPack,
  openPackCache,
  prepareExtractors,
  readContextPack,
  type ContextPackResult,
} from '@ctxlock/context-pack'
import type { ContextPackPayload } from '@ctxlock/contracts/packs'
import { fileSourceId, pathOfSourceId } from '@ctxlock/contracts/references'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { currentHashes, examinePack } from '@ctxlock/freshness-guard'

import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createSourceExclusion } from '../environment/source-exclusion.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { scanPolicy } from '../scan/scan-policy.ts'
import { discardingStore } from '../lock/discarding-store.ts'
import { configuredExtractors } from '../packs/extractors.ts'
import { packEvent } from '../packs/pack-event.ts'
import { packFile } from '../packs/pack-file.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { lookAtRecord } from '../session/look-at-record.ts'
import { openSession } from '../session/session.ts'
import { loadedSecrets } from '../session/session-ports.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

interface PackQuery {
  readonly path: string
  readonly contains?: string
  readonly limit: number
}

/** The pack of a file as it is now, built in memory: nothing is written, so it cannot be stale. */
export async function currentPack(root: string, { path, contains, limit }: PackQuery) {
  const { config } = loadConfig(root)
  assertSource(root, config, path)
  const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
  await prepareExtractors(extractors, [path])
  const result = buildContextPack({
    path,
    extractors,
    reader: createWorkspaceReader(root),
    redactor: createRedactor({ secrets: loadedSecrets(config, process.env) }),
    limits: { maxSourceBytes: config.sources.maxFileBytes },
    store: discardingStore,
    clock: nodeEnvironment.clock,
    tokenCounter: codePointsPerFour,
  })
  if (!('payload' in result)) throw notPacked(path, 'reason' in result ? result.reason : 'unknown')
  const shown = selected(result.payload)
  const source = { path, source_hash: result.source.hash, pack: result.record.payload_hash }
  return { ...source, ...shown, injections: injectionsIn(shown, config) }

  function selected({ synopsis, anchors, facts, constraints, open_loops }: ContextPackPayload) {
    const wanted = contains?.toLowerCase()
    const fits = (text: string) => wanted === undefined || text.toLowerCase().includes(wanted)
    const kept = {
      anchors: anchors.filter(({ excerpt_hint }) => fits(excerpt_hint)).slice(0, limit),
      facts: facts.filter(({ text }) => fits(text)).slice(0, limit),
      constraints: constraints.filter(({ text }) => fits(text)).slice(0, limit),
      open_loops: open_loops.filter(({ question }) => fits(question)).slice(0, limit),
    }
    const all = anchors.length + facts.length + constraints.length + open_loops.length
    const shown = Object.values(kept).reduce((sum, items) => sum + items.length, 0)
    return { synopsis, ...kept, left_out: all - shown }
  }
}

/** Ids of the patterns in what a client is given: it has no guard of its own, and a sentence with `must` may be an attacker's. */
function injectionsIn(shown: object, { policy }: ResolvedConfig): readonly string[] {
  const findings = scannerFor(scanPolicy(policy)).findAll(textsIn(shown).join('\n'))
  return [...new Set(findings.flatMap(({ occurrences }) => occurrences.map(({ pattern }) => pattern.id)))]
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** The stored pack of a file, judged as one that somebody else may have written. */
export async function verifyStoredPack(root: string, path: string) {
  return lookAtRecord(root, (session) => {
    const stored = openPackCache(session.state.database).latest(fileSourceId(path))
    if (!stored) return { path, status: 'no_pack' }
    const { payload_hash: pack, version } = stored.record
    if (!session.artifacts.has(pack)) return { path, status: 'invalid', reason: 'payload_missing', pack, version }
    const read = readContextPack(stored.record, session.artifacts.get(pack))
    return read.status === 'valid'
      ? { path, status: 'valid', pack, version, warnings: read.warnings }
      : { path, status: 'invalid', reason: read.reason, pack, version }
  })
}

/** Which stored packs may still be used, by the bytes of their sources. */
export async function checkFreshness(root: string, paths: readonly string[] | undefined) {
  return lookAtRecord(root, (session) => {
    const cache = openPackCache(session.state.database)
    const reads = { reader: session.reader, readPayload: (hash: string) => session.artifacts.get(hash) }
    const hashes = currentHashes(reads)
    const asked = paths ?? [...cache.summaries().keys()].flatMap((id) => pathOfSourceId(id) ?? [])
    const packs = asked.map((path) => {
      const stored = cache.latest(fileSourceId(path))
      if (!stored) return { path, state: 'no_pack' as const }
      const examined = examinePack({ record: stored.record }, reads, hashes)
      if (examined.state === 'fresh') return { path, state: examined.state }
      const { state, reason, staleSources } = examined
      return { path, state, reason, stale_sources: staleSources.slice(0, 64) }
    })
    const count = (state: string) => packs.filter((pack) => pack.state === state).length
    return {
      fresh: count('fresh'),
      stale: count('stale'),
      invalid: count('invalid'),
      no_pack: count('no_pack'),
      packs: paths ? packs : packs.filter(({ state }) => state !== 'fresh').slice(0, 200),
    }
  })
}

/** Packs one file as `ctxlock lock` would, and records it. */
export async function buildStoredPack(root: string, path: string) {
  const session = await openSession({ root, variables: process.env })
  try {
    assertSource(root, session.config, path)
    await prepareExtractors(session.packBuilding.extractors, [path])
    const results: ContextPackResult[] = []
    await recordedRun(session, 'mcp.pack_build', async (ids) => {
      inTransaction(session.state.database, () => {
        const built = packFile(session, path, session.packCache.latest(fileSourceId(path)))
        if ('payload' in built) {
          session.recorder.record(packEvent(session, ids.runId, path, built.record, built.previousPayloadHash))
        }
        results.push(built)
      })
      return EXIT_CODE.done
    })
    return results.map(summaryOf)[0] ?? { path, status: 'not_packed' }
  } finally {
    await session.close()
  }

  function summaryOf(result: ContextPackResult) {
    if (result.status === 'not_packed') return { path, status: result.status, reason: result.reason }
    const { status, record, source } = result
    return { path, status, pack: record.payload_hash, source_hash: source.hash, tokens: source.tokens }
  }
}

/** An ignored or excluded file is nothing a client may see, not even redacted. The path is the client's. */
function assertSource(root: string, { sources }: ResolvedConfig, path: string): void {
  const isListed = listWorkspace(root, sources).files.some((file) => file.path === path)
  if (isListed && createSourceExclusion(sources.keep).ofPath(path) === undefined) return
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'NOT_A_SOURCE',
    message: `${path} is no source of this workspace`,
    hint: 'Give a path that ctxlock.lock lists: relative, with forward slashes, neither ignored nor excluded.',
  })
}

function notPacked(path: string, reason: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'NOT_PACKED',
    message: `${path} has no pack: ${reason.replaceAll('_', ' ')}`,
    hint: 'Only text of at most `sources.max_file_bytes` bytes is packed; read the file itself.',
  })
}
