// A log in a real file, with a clock and ids that are the same in every run.
import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { EventDraft } from '@ctxlock/contracts/events'
import type { AnchorSink } from '@ctxlock/contracts/plugin'
import { draftOf } from '@ctxlock/contracts/testing'
import type { RedactionCategory, Redactor, SqlDatabase } from '@ctxlock/contracts/ports'

import { anchorLog, logPublicKey, openRecorder, verifyLog } from '../src/index.ts'
import type { KeptCheckpoint, Recorder, VerifyReport } from '../src/index.ts'

export interface LogFolder extends Disposable {
  readonly path: string
  readonly database: DatabaseSync
  readonly recorder: Recorder
  /** Where its anchor keeps the newest checkpoint. */
  readonly anchorFile: string
  readonly publicKey: string
  readonly clock: { time: number; now(): number }
  anchor(): Promise<void>
  verify(): VerifyReport
}

export function openLogFolder(database?: DatabaseSync): LogFolder {
  const path = mkdtempSync(join(tmpdir(), 'ctxlock-log-'))
  const opened = database ?? openDatabase(join(path, 'state.db'))
  const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time++ }
  const anchorFile = join(path, 'checkpoint')
  const recorder = openRecorder({ database: opened, redactor: testRedactor, clock, random: countingRandom() })
  const publicKey = logPublicKey({ database: opened, key: SIGNING_KEY })
  const anchors = new Map([['file', fileAnchor(anchorFile)]])
  return {
    path,
    database: opened,
    recorder,
    anchorFile,
    publicKey,
    clock,
    anchor: async () => void (await anchorLog({ database: opened, signingKey: SIGNING_KEY, anchors })),
    verify: () => verifyLog({ database: opened, publicKey, kept: [keptIn(anchorFile)] }),
    [Symbol.dispose]() {
      if (opened.isOpen) opened.close()
      rmSync(path, { recursive: true })
    },
  }
}

/** The same in every run and process: the private key is the number one. */
export const SIGNING_KEY = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${'1'.padStart(64, '0')}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})

/** What the file anchor keeps, read at once. */
export function keptIn(file: string): KeptCheckpoint {
  return existsSync(file)
    ? { anchor: 'file', state: 'kept', note: readFileSync(file, 'utf8') }
    : { anchor: 'file', state: 'absent' }
}

/** The smallest anchor there is. */
export function fileAnchor(file: string): AnchorSink {
  return {
    latest: async () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined),
    async anchor({ note }) {
      writeFileSync(`${file}.${process.pid}`, note, { flush: true })
      renameSync(`${file}.${process.pid}`, file)
    },
    close: async () => undefined,
  }
}

export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 10_000 })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return database
}

export function countingRandom() {
  let count = 0
  return {
    // Every 16 bytes are others, so that salts and ids of a batch are: they count.
    bytes(length: number) {
      const bytes = Buffer.alloc(length)
      for (let end = 16; end <= length; end += 16) bytes.writeUInt32BE((count += 1), end - 4)
      return bytes
    },
    uuid() {
      count += 1
      return `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`
    },
  }
}

const DETECTORS: readonly (readonly [RedactionCategory, string, RegExp])[] = [
  ['api_key', 'secret_api_key', /\bsk-[A-Za-z0-9]{8,}/g],
  ['password', 'secret_password', /password=\S+/g],
  ['pii', 'pii_email', /[\w.]+@[\w.]+\.\w+/g],
  ['path', 'path_absolute', /(?<![\w.])\/(?:[\w.-]+\/)*[\w.-]+|file:[\w./-]+/g],
]

/** A small redactor of the same shape as the real one, which is another package. */
export const testRedactor: Redactor = {
  version: 'test@1',
  detect: (text) =>
    DETECTORS.flatMap(([category, detector_id, pattern]) =>
      [...text.matchAll(pattern)].map((match) => ({
        category,
        detector_id,
        start: match.index,
        end: match.index + match[0].length,
      })),
    ),
  redact(text) {
    const findings = testRedactor.detect(text)
    const redacted = DETECTORS.reduce(
      (rest, [category, id, pattern]) => rest.replaceAll(pattern, `[REDACTED:${category}:${id}]`),
      text,
    )
    return { text: redacted, findings }
  },
}

/** The database with some members replaced, to fail where a disk would. */
export function failing(database: SqlDatabase, broken: Partial<Pick<SqlDatabase, 'exec' | 'prepare'>>): SqlDatabase {
  return {
    get isTransaction() {
      return database.isTransaction
    },
    exec: broken.exec ?? ((sql) => database.exec(sql)),
    prepare: broken.prepare ?? ((sql) => database.prepare(sql)),
  }
}

/** The events of one governed run: header, a call, an answer; the end is the caller's. */
export function runDrafts(run: string, calls = 1): EventDraft[] {
  const place = { workflow_run_id: run, job_id: `job-of-${run}`, step_id: 'MT-001_iter-001' }
  const drafts: EventDraft[] = [{ ...draftOf('run_header'), ...place }]
  for (let call = 0; call < calls; call += 1) {
    const trace_id = uuidOf(`${run}/${call}`)
    const inTrace = { ...place, trace_id }
    const intent = draftOf('call_intent')
    const settled = draftOf('call_settled')
    const inference = draftOf('llm_inference')
    drafts.push(
      { ...intent, ...inTrace, payload: { ...intent.payload, call_id: trace_id } },
      { ...inference, ...inTrace, payload: { ...inference.payload, trace_id } },
      { ...draftOf('ace_call_report'), ...inTrace },
      { ...settled, ...inTrace, payload: { ...settled.payload, call_id: trace_id } },
    )
  }
  return drafts
}

export function runEnd(run: string) {
  const { payload, ...draft } = draftOf('run_end')
  const { events_expected: _, ...rest } = payload
  return { ...draft, workflow_run_id: run, payload: rest }
}

/** A whole run, ended. */
export function recordRun({ recorder }: Pick<LogFolder, 'recorder'>, run: string, calls = 1): void {
  recorder.recordAll(runDrafts(run, calls))
  recorder.recordRunEnd(runEnd(run))
}

export function uuidOf(name: string): string {
  const hex = Buffer.from(name).toString('hex').padEnd(32, '0').slice(-32)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
