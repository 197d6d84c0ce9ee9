// A real folder with real files, real packs of them, and the reads the guard is given. Nothing here is a mock.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { bytesHash, canonicalize } from '@ctxlock/core-hash'
import type { ContextPackPayload, ContextPackRecord, PackTarget } from '@ctxlock/contracts/packs'
import type { SourceRead } from '@ctxlock/contracts/ports'

import {
  effectiveRegeneration,
  type FreshnessReads,
  type FreshnessRules,
  type RegenerationGates,
  type RegenerationOptions,
} from '../index.ts'
import type { ContextPackPolicy } from '@ctxlock/contracts/freshness'

export interface Workspace extends Disposable {
  readonly root: string
  readonly reads: FreshnessReads
  /** Stored payloads by hash; tests tamper with it. */
  readonly payloads: Map<string, Uint8Array>
  /** Paths in the order they were read. */
  readonly readPaths: string[]
  write(path: string, content: string | Uint8Array): void
  remove(path: string): void
  /** Builds and stores a pack of the files as they are now; the first path is the target. */
  pack(paths: readonly string[], changes?: Partial<ContextPackRecord>): ContextPackRecord
  readonly store: (payload: unknown) => string
}

let packCount = 0

export function createWorkspace(files: Readonly<Record<string, string>> = {}): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'freshness-guard-'))
  const payloads = new Map<string, Uint8Array>()
  const readPaths: string[] = []
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const store = (payload: unknown) => {
    const bytes = Buffer.from(typeof payload === 'string' ? payload : canonicalize(payload))
    payloads.set(bytesHash(bytes), bytes)
    return bytesHash(bytes)
  }
  for (const [path, content] of Object.entries(files)) write(path, content)
  return {
    root,
    payloads,
    readPaths,
    reads: {
      reader: {
        read(path) {
          readPaths.push(path)
          return readFile(join(root, path))
        },
      },
      readPayload: (hash) => payloads.get(hash),
    },
    write,
    store,
    remove: (path) => rmSync(join(root, path)),
    pack(paths, changes = {}) {
      const sources = paths
        .map((path) => ({ source_id: `file:${path}`, source_hash: bytesHash(readFileSync(join(root, path))) }))
        .sort((a, b) => (a.source_id < b.source_id ? -1 : 1))
      return packOf(fileTarget(paths[0] ?? ''), sources, store, changes)
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

export function fileTarget(path: string): PackTarget {
  return { ref_type: 'source_ref', ref: { kind: 'span', id: `file:${path}` } }
}

export function packOf(
  target: PackTarget,
  sources: ContextPackRecord['sources'],
  store: (payload: unknown) => string,
  changes: Partial<ContextPackRecord> = {},
): ContextPackRecord {
  const payloadHash = store(payloadOf(sources))
  packCount += 1
  return {
    schema_version: 'hsk.context_pack_record@1',
    pack_id: uuid(packCount),
    target,
    pack_artifact: {
      artifact_id: uuid(packCount),
      kind: 'file',
      uri: `/packs/${payloadHash}`,
      content_hash: payloadHash,
      size_bytes: 1,
      classification: 'low',
      exportable: false,
    },
    source_hashes: sources.map((source) => source.source_hash),
    sources,
    payload_hash: payloadHash,
    created_at: '2026-01-01T00:00:00.000Z',
    builder: { tool_id: 'context_pack_builder_v0.1', tool_version: '1.0.0', config_hash: '0'.repeat(64) },
    version: 1,
    ...changes,
  }
}

export function payloadOf(sources: ContextPackRecord['sources']): ContextPackPayload {
  return {
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
  }
}

export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

/** Gates that let everything through. */
export const OPEN_GATES: RegenerationGates = {
  capability: true,
  consent: false,
  builder: { deterministic: true, callsCloudModel: false, touchesNonExportableSources: false },
  determinismMode: 'strict',
}

export function rules(policy: Partial<ContextPackPolicy> = {}, gates: Partial<RegenerationGates> = {}): FreshnessRules {
  const full: ContextPackPolicy = { regen_allowed: true, regen_required: false, stale_handling: 'fallback', ...policy }
  return { policy: full, regeneration: effectiveRegeneration(full, { ...OPEN_GATES, ...gates }) }
}

/** A clock that only moves when told, with timers that fire when it passes them. */
export function createTime() {
  let now = 0
  const pending = new Map<symbol, { at: number; callback: () => void }>()
  return {
    clock: { monotonic: () => now },
    timers: {
      after(milliseconds: number, callback: () => void) {
        const key = Symbol('timer')
        pending.set(key, { at: now + milliseconds, callback })
        return () => void pending.delete(key)
      },
    },
    pendingTimers: () => pending.size,
    /** Time passes while the event loop is blocked: no timer fires. */
    block(milliseconds: number) {
      now += milliseconds
    },
    advance(milliseconds: number) {
      now += milliseconds
      for (const [key, timer] of pending) {
        if (timer.at > now) continue
        pending.delete(key)
        timer.callback()
      }
    },
  }
}

export function options(changes: Partial<RegenerationOptions> = {}): RegenerationOptions {
  const { clock, timers } = createTime()
  return { clock, timers, ...changes }
}

function readFile(path: string): SourceRead {
  try {
    return { status: 'read', bytes: readFileSync(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    return { status: code === 'ENOENT' ? 'missing' : 'unreadable' }
  }
}
