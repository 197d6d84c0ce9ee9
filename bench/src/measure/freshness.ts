// The freshness of a pack of 100 sources by their content: the whole examination, its two parts (the sources; record and
// payload), the same for a session, which hashes everything again but has parsed record and payload before, and the limit, which
// is opening, reading and hashing the same files without any check. Warm cache.
import { hash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createWorkspaceReader } from '../../../apps/runner/src/environment/workspace-reader.ts'
import type { ContextPackPayload, ContextPackRecord } from '../../../packages/contracts/src/packs.ts'
import { bytesHash, canonicalize, settle } from '../../../packages/core-hash/src/index.ts'
import {
  currentHashes,
  examinePack,
  type CurrentHashes,
  type FreshnessReads,
} from '../../../packages/freshness-guard/src/index.ts'
import { interleaved, ratio } from '../interleaved.ts'

/** `--sources N` (100) files of 8 KB on average, `--rounds N` (300); milliseconds are medians. */
export async function measure(args: readonly string[]): Promise<object> {
  const options = { sources: { type: 'string' }, rounds: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const count = Number(values.sources ?? 100)
  const rounds = Number(values.rounds ?? 300)
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-freshness-'))
  try {
    const paths = writeSources(folder, count)
    const { record, reads } = packOf(folder, paths)
    const ids = record.sources.map((source) => source.source_id)
    const recorded = new Map(record.sources.map((source) => [source.source_id, { hash: source.source_hash }]))
    const known: CurrentHashes = (asked) => asked.map((id) => recorded.get(id) ?? { failure: 'source_missing' })
    if (examinePack({ record }, reads).state !== 'fresh') throw new Error('Expected the pack to be fresh.')
    const ofSession = { record: settle(structuredClone(record)) }
    const sessionReads = { ...reads, parsed: new Map<string, ContextPackPayload>() }
    const ms = await interleaved(
      {
        read_and_hash: () => paths.map((path) => readAndHash(join(folder, path))),
        sources: () => currentHashes(reads)(ids),
        record_and_payload: () => examinePack({ record }, reads, known),
        examination: () => examinePack({ record }, reads),
        examination_in_session: () => examinePack(ofSession, sessionReads),
      },
      rounds,
    )
    return {
      node: process.version,
      sources: count,
      rounds,
      ms,
      times_the_limit: ratio(ms, 'examination', 'read_and_hash'),
      times_the_limit_in_session: ratio(ms, 'examination_in_session', 'read_and_hash'),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function writeSources(folder: string, count: number): string[] {
  const text = 'export const value = 1 // a line of a source file\n'.repeat(400)
  return Array.from({ length: count }, (_, index) => {
    const path = `source-${String(index).padStart(5, '0')}.ts`
    // From 1 to 15 KB.
    writeFileSync(join(folder, path), text.slice(0, 1024 + ((index * 7919) % 14) * 1024 + index))
    return path
  })
}

/** A record as the pack builder writes it, of the files as they are now. */
function packOf(folder: string, paths: readonly string[]): { record: ContextPackRecord; reads: FreshnessReads } {
  const sources = paths.map((path) => ({ source_id: `file:${path}`, source_hash: readAndHash(join(folder, path)) }))
  const target = { kind: 'span' as const, id: sources[0]?.source_id ?? '' }
  const payload = Buffer.from(
    canonicalize({
      schema_version: 'hsk.context_pack_payload@1',
      synopsis: `A pack of ${sources.length} sources`,
      facts: [],
      constraints: [],
      open_loops: [],
      anchors: sources.map(({ source_id, source_hash }, index) => ({
        anchor_id: `a-${index.toString(16).padStart(12, '0')}`,
        source_ref: { kind: 'span', id: source_id, hash: source_hash, selector: 'lines:1-1' },
        excerpt_hint: 'first line',
      })),
      coverage: { scanned_selectors: ['lines:1-1'] },
      redactions: [],
    }),
  )
  const payloadHash = bytesHash(payload)
  const id = '00000000-0000-4000-8000-000000000001'
  const record: ContextPackRecord = {
    schema_version: 'hsk.context_pack_record@1',
    pack_id: id,
    target: { ref_type: 'source_ref', ref: target },
    pack_artifact: {
      artifact_id: id,
      kind: 'file',
      uri: `/packs/${payloadHash}`,
      content_hash: payloadHash,
      size_bytes: payload.length,
      classification: 'low',
      exportable: false,
    },
    source_hashes: sources.map((source) => source.source_hash),
    sources,
    payload_hash: payloadHash,
    created_at: '2026-01-01T00:00:00.000Z',
    builder: { tool_id: 'context_pack_builder_v0.1', tool_version: '1.0.0', config_hash: '0'.repeat(64) },
    version: 1,
  }
  return { record, reads: { reader: createWorkspaceReader(folder), readPayload: () => payload } }
}

const buffer = Buffer.allocUnsafeSlow(64 * 1024)

function readAndHash(path: string): string {
  const descriptor = openSync(path, 'r')
  const length = readSync(descriptor, buffer)
  closeSync(descriptor)
  return hash('sha256', buffer.subarray(0, length), 'hex')
}
