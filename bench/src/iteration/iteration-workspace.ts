import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { LoopEvent } from '../../../packages/micro-task/src/index.ts'
import { run } from '../../../apps/runner/src/commands/run.ts'
import { ollamaConfig } from '../../../apps/runner/test/support/ollama-config.ts'
import { writeFiles } from '../write-files.ts'

/** What is timed: one micro-task after the other, each over the same files and done in one iteration. */
export type Work = 'answer' | 'answer-to-one-file' | 'patch'

/** Milliseconds of one iteration. */
export interface Spent {
  /** Everything before the call's bytes can leave: packs bound, files retrieved and checked, every guard, envelope and snapshot. */
  readonly compiling: number
  /** From the plan of a command, which is durable before it starts, to the record of its end. */
  readonly validating: number
}

export interface IterationWorkspace {
  readonly root: string
  /** The paths of the ten files. */
  readonly files: readonly string[]
  /** Milliseconds that the model has taken so far. */
  modelMs(): number
  /**
   * Runs the task of this work to its end; told of every iteration when it is on record. Gives what each spent where, by the times in
   * the log.
   */
  run(work: Work, onIteration: () => void): Promise<readonly Spent[]>
  close(): Promise<void>
}

const MODEL = 'small:1b'
const FILES = Array.from({ length: 10 }, (_, index) => `src/part-${index}.mjs`)

/** A workspace of ten files of four kilobytes, tasks over all of them or one, and a model on loopback that answers at once. */
export async function openIterationWorkspace(iterations: number): Promise<IterationWorkspace> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-bench-')))
  const model = await startModel()
  const files: Readonly<Record<string, string>> = {
    ...Object.fromEntries(FILES.map((path, index) => [path, sourceOf(index)])),
    'answer.json': task(iterations, { read: FILES }),
    'answer-to-one-file.json': task(iterations, { read: FILES.slice(1, 2) }),
    'patch.json': task(iterations, { read: FILES.slice(1), modify: FILES.slice(0, 1) }),
    'ctxlock.config.json': config(model.origin),
  }
  writeFiles(root, Object.entries(files))
  return {
    root,
    files: FILES.map((path) => join(root, path)),
    modelMs: () => model.spentMs(),
    async run(work, onIteration) {
      const onEvent = (event: LoopEvent) => {
        if (event.type === 'micro_task_iteration_complete') onIteration()
      }
      const code = await run([join(root, `${work}.json`)], {
        options: { allowUnsandboxed: true },
        output: { json: true, line() {}, event: onEvent, result() {}, progress() {} },
        workspace: root,
      })
      if (code !== 0) throw new Error(`Expected the run to complete, got exit code ${code}.`)
      return spentIn(root)
    },
    async close() {
      await model.close()
      rmSync(root, { recursive: true })
    },
  }
}

/** The iterations of the last run in the log. */
function spentIn(root: string): Spent[] {
  const database = new DatabaseSync(join(root, '.ctxlock', 'state.db'), { readOnly: true })
  const rows = database.prepare(LAST_RUN).all()
  database.close()
  const spent: Spent[] = []
  let at = new Map<string, number>()
  for (const { type, timestamp } of rows) {
    at.set(String(type), Date.parse(String(timestamp)))
    if (type !== 'micro_task_iteration_complete') continue
    const between = (begin: string, end: string) => (at.get(end) ?? 0) - (at.get(begin) ?? 0)
    spent.push({
      compiling: between('micro_task_iteration_started', 'session_scheduler.enqueue'),
      validating: between('command_planned', 'command_ended'),
    })
    at = new Map()
  }
  return spent
}

const LAST_RUN = `
  SELECT event ->> '$.type' AS type, event ->> '$.timestamp' AS timestamp FROM flight_event
  WHERE seq > (SELECT max(seq) FROM flight_event WHERE event ->> '$.type' = 'run_header') ORDER BY seq`

function sourceOf(index: number): string {
  const lines = Array.from({ length: 60 }, (_, line) => `export const part${index}_${line} = (a, b) => a * ${line} + b`)
  return `// Part ${index} of the sum.\n${lines.join('\n')}\n`
}

function task(iterations: number, files: { readonly read: readonly string[]; readonly modify?: readonly string[] }) {
  return JSON.stringify({
    schema_version: 'ctxlock.task@1',
    goal: 'Say what the parts come to.',
    scope: [...(files.modify ?? []), ...files.read],
    done: ['It is said.'],
    files,
    ...(files.modify ? { expected_output: 'patch', verify: ['true'] } : { expected_output: 'structured_answer' }),
    steps: Array.from({ length: iterations }, (_, index) => ({
      name: `part ${index}`,
      goal: `Say what part ${index} is.`,
    })),
  })
}

function config(origin: string): string {
  const parsed = JSON.parse(ollamaConfig(origin, [MODEL]))
  const { execution } = parsed
  return JSON.stringify({
    ...parsed,
    execution: { ...execution, commands: ['true'], policy: { ...execution.policy, max_total_tokens: 10_000_000 } },
  })
}

/** Speaks Ollama's wire. Edits and claims what a patch is asked for; quotes a file otherwise. */
async function startModel(): Promise<{ readonly origin: string; spentMs(): number; close(): Promise<void> }> {
  let spent = 0
  let edits = 0
  const server = createServer((request, response) => {
    const began = performance.now()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answer(request.url ?? '', Buffer.concat(chunks).toString('utf8'))), () => {
        if (request.url === '/api/chat') spent += performance.now() - began
      })
    })
  })
  const answer = (path: string, body: string): object => {
    if (path === '/api/version') return { version: '0.99.0' }
    if (path === '/api/tags') return { models: [{ name: MODEL, model: MODEL, digest: 'd'.repeat(64) }] }
    if (path !== '/api/chat') return { models: [], details: {}, model_info: {}, capabilities: ['completion'] }
    const mtId = /# Micro-task (MT-\d{3}):/.exec(body)?.[1] ?? ''
    const content = body.includes('<mt_complete>')
      ? patch(mtId, FIRST_LINE.exec(body)?.[0] ?? '', (edits += 1))
      : 'src/part-1.mjs:1-1\n> // Part 1 of the sum.\n'
    const counts = { done: true, done_reason: 'stop', prompt_eval_count: 90, eval_count: 9 }
    return { model: MODEL, message: { role: 'assistant', content }, ...counts }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    spentMs: () => spent,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Of the file that is edited, as the request shows it. */
const FIRST_LINE = /\/\/ (?:Part 0|Edit \d+) of the sum\./

function patch(mtId: string, line: string, number: number): string {
  const [path = ''] = FILES
  const diff = `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${line}\n+// Edit ${number} of the sum.\n`
  return `<mt_diff>\n${diff}</mt_diff>\n<mt_complete>\nMT_ID: ${mtId}\nEVIDENCE:\n- "It is said." -> ${path}:1\n</mt_complete>\n`
}
