import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

import { mutate, type MutationFence } from '@ctxlock/ace-validators/poisoning'
import type { ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import { ProgressArtifact, type RunLedgerRecord } from '@ctxlock/contracts/micro-task-run'
import { ledgerLine, MicroTaskError, readLedger, recoveredSteps } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { replaceFile } from '../environment/files.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { stateIsLinked } from '../workspace/linked-state.ts'
import type { Session } from '../session/session.ts'
import type { ReplyStore } from './reply-store.ts'
import { STORAGE_LIMITS, tooLarge } from './storage-limits.ts'

/** The ledger and the progress artifact of a run, for whoever looks at it from outside (MT-043 to MT-048). */
export interface RunFiles {
  /** How many steps that were under way were found stored, and how many are to be tried again (MT-047). */
  readonly recovered: { readonly completed: number; readonly pending: number }
  /** A call is about to leave under this key. */
  begin(stepId: string, idempotencyKey: string): void
  /** What came of the step; nothing happens when the ledger says so already. */
  settle(stepId: string, reply: ModelReply): void
  writeProgress(artifact: ProgressArtifact): void
  /** The ledger so far, byte by byte. */
  ledger(): Uint8Array
}

/** Ids of runs also come from what others may have written. */
const RUN_ID = /^[0-9a-f-]{36}$/

type Entry = Omit<RunLedgerRecord, 'seq' | 'at'>

/**
 * Opens the files of a run, cuts a torn line off and notes what became of steps that a dead process had begun. Every write asks the
 * fence of the job. Throws `LEDGER_DAMAGED`.
 */
export function openRunFiles(
  session: Pick<Session, 'state' | 'timestamp'>,
  runId: string,
  replies: ReplyStore,
  fence: MutationFence,
): RunFiles {
  const gate = <Result>(write: () => Result) => mutate(session.state.database, fence, write)
  const folder = runFolder(session.state.folder, runId)
  const path = ledgerPath(session.state.folder, runId)
  gate(() => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  const statuses = new Map<string, Entry>()
  let length = 0

  const append = (entry: Entry): void => {
    const known = statuses.get(entry.step_id)
    if (known?.status === entry.status && known.idempotency_key === entry.idempotency_key) return
    const line = ledgerLine({ ...entry, seq: length, at: session.timestamp() })
    // That a step has begun also stands in the intent of its call: a power cut that takes the line leaves the step to be tried again.
    gate(() => appendLine(path, line, { sync: entry.status !== 'in_progress' }))
    statuses.set(entry.step_id, entry)
    length += 1
  }
  const { records } = gate(() => wholeLedger(path))
  length = records.length
  for (const record of records) statuses.set(record.step_id, record)
  const found = recoveredSteps(records, (stepId) => {
    const reply = replies.find(runId, stepId)
    return reply?.status === 'answered' ? reply.output : undefined
  })
  found.forEach(append)
  const completed = found.filter(({ status }) => status === 'completed').length

  return {
    recovered: { completed, pending: found.length - completed },
    begin: (stepId, idempotency_key) =>
      append({ step_id: stepId, idempotency_key, status: 'in_progress', recoverable: true }),
    settle(stepId, reply) {
      const own = { step_id: stepId, idempotency_key: reply.idempotency_key, recoverable: true }
      append(
        reply.status === 'answered'
          ? { ...own, status: 'completed', output_artifact_ref: reply.output }
          : { ...own, status: 'failed', error: reply.code },
      )
    },
    writeProgress: (artifact) => gate(() => keepProgress(session.state.folder, runId, artifact)),
    ledger: () => readLedgerFile(session.state.folder, runId),
  }
}

/** The ledger of a run, byte by byte; empty before its first step. */
export function readLedgerFile(stateFolder: string, runId: string): Uint8Array {
  const path = ledgerPath(stateFolder, runId)
  return existsSync(path) ? readFileSync(path) : new Uint8Array()
}

/** The progress artifact of a run; undefined when it is lost or damaged: the run writes it again when it goes on. */
export function readProgress(stateFolder: string, runId: string): ProgressArtifact | undefined {
  try {
    const text = readFileSync(join(runFolder(stateFolder, runId), 'progress.json'), 'utf8')
    const parsed = ProgressArtifact.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** Written anew when the run goes on: an earlier one that a power cut brings back does no harm. */
export function keepProgress(stateFolder: string, runId: string, artifact: ProgressArtifact): void {
  const text = `${JSON.stringify(artifact)}\n`
  if (text.length > STORAGE_LIMITS.progress) throw tooLarge('progress artifact', STORAGE_LIMITS.progress)
  const folder = runFolder(stateFolder, runId)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  replaceFile(join(folder, 'progress.json'), text, 0o600)
}

/** Removes both for good; nothing through a link, because a repository may come with a state folder of its own making. */
export function removeRunFiles(stateFolder: string, runId: string): void {
  const folder = runFolder(stateFolder, runId)
  if (!RUN_ID.test(runId) || !existsSync(folder)) return
  if (realpathSync(folder) !== runFolder(realpathSync(stateFolder), runId)) throw stateIsLinked(folder)
  rmSync(folder, { recursive: true })
}

function ledgerPath(stateFolder: string, runId: string): string {
  return join(runFolder(stateFolder, runId), 'ledger.jsonl')
}

function runFolder(stateFolder: string, runId: string): string {
  return join(stateFolder, 'runs', runId)
}

/** The ledger without a line that a crash cut off, in the file too. */
function wholeLedger(path: string) {
  if (!existsSync(path)) return { records: [], length: 0 }
  const text = readFileSync(path, 'utf8')
  try {
    const ledger = readLedger(text)
    if (ledger.length < text.length) truncate(path, Buffer.byteLength(text.slice(0, ledger.length)))
    return ledger
  } catch (error) {
    if (!(error instanceof MicroTaskError)) throw error
    throw new CommandError(
      {
        exit: EXIT_CODE.verificationFailed,
        code: error.code,
        message: `${path} is damaged: ${error.message}`,
        hint: 'Nothing was called. What is finished stands in the state, so the file may also be deleted.',
      },
      { cause: error },
    )
  }
}

function truncate(path: string, bytes: number): void {
  withFile(path, 'r+', (descriptor) => {
    ftruncateSync(descriptor, bytes)
    fsyncSync(descriptor)
  })
}

/** Synced, a line takes all earlier ones along. */
function appendLine(path: string, line: string, { sync }: { readonly sync: boolean }): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size + line.length > STORAGE_LIMITS.ledger) throw tooLarge('ledger', STORAGE_LIMITS.ledger)
  withFile(path, 'a', (descriptor) => {
    writeSync(descriptor, line)
    if (sync) fsyncSync(descriptor)
  })
}

function withFile(path: string, flags: string, work: (descriptor: number) => unknown): void {
  const descriptor = openSync(path, flags, 0o600)
  try {
    work(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
