// A patch task against a server that speaks the Ollama wire: what goes wrong on the way is tried again, escalated, dropped back from,
// and on record; what comes out is a patch that nobody has applied.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import { z } from 'zod'

import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { recordedEvents } from './support/recorded.ts'
import { startOllamaServer, type OllamaRequest } from './support/scripted-models.ts'
import { makeWorkspace } from './support/workspace.ts'

const SMALL = 'small:1b'
const LARGE = 'large:32b'

const WORKSPACE = {
  'src/sum.mjs': 'export const sum = (a, b) => a - b\n',
  'src/max.mjs': 'export const max = (a, b) => a\n',
  'src/min.mjs': 'export const min = (a, b) => a\n',
  'check.mjs':
    "import assert from 'node:assert'\nconst name = process.argv[2]\nconst made = await import(`./src/${name}.mjs`)\nconst want = { sum: [[1, 2, 3]], max: [[1, 2, 2]], min: [[2, 1, 1]] }[name]\nfor (const [a, b, c] of want) assert.equal(made[name](a, b), c)\n",
}

const NAMES = ['sum', 'max', 'min']
const step = (name: string, number: number) => ({
  name,
  // Finds what an earlier micro-task has edited.
  goal: `Make ${name} right, as sum is.`,
  files: { modify: [`src/${name}.mjs`], read: ['check.mjs', ...NAMES.slice(0, number).map((one) => `src/${one}.mjs`)] },
  done: [`${name} is right`],
  verify: [`node check.mjs ${name}`],
  allowed_tools: [],
})
const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'Mend the arithmetic.',
  scope: ['src/', 'check.mjs'],
  done: ['The arithmetic is right.'],
  expected_output: 'patch',
  token_budget: 4096,
  steps: NAMES.map(step),
}

const claim = (id: string, name: string) =>
  `<mt_complete>\nMT_ID: ${id}\nEVIDENCE:\n- "${name} is right" -> src/${name}.mjs:1\n</mt_complete>\n`
const file = (name: string, body: string, path = `src/${name}.mjs`) =>
  `<mt_file path="${path}">\nexport const ${name} = (a, b) => ${body}\n</mt_file>\n`

const SCRIPT: readonly string[] = [
  // MT-001: claims what is not so, then mends it with a diff.
  file('sum', 'a * b') + claim('MT-001', 'sum'),
  '<mt_diff>\n--- a/src/sum.mjs\n+++ b/src/sum.mjs\n@@ -1 +1 @@\n-export const sum = (a, b) => a - b\n+export const sum = (a, b) => a + b\n</mt_diff>\n' +
    claim('MT-001', 'sum'),
  // MT-002: a diff that is none, then a file that is not its own; the larger model is right.
  '<mt_diff>\n--- a/src/max.mjs\n+++ b/src/max.mjs\n@@ nonsense @@\n</mt_diff>\n' + claim('MT-002', 'max'),
  file('max', 'Math.max(a, b)', 'check.mjs') + claim('MT-002', 'max'),
  file('max', 'Math.max(a, b)') + claim('MT-002', 'max'),
  // MT-003: small again.
  file('min', 'Math.min(a, b)') + claim('MT-003', 'min'),
]

test('false completion, invalid diff, edit out of scope, escalation and drop-back, each on record; then a patch', async () => {
  const server = await startOllamaServer([SMALL, LARGE], (_, number) => SCRIPT[number - 1] ?? 'too many calls')
  const cwd = makeWorkspace({
    ...WORKSPACE,
    'task.json': JSON.stringify(TASK),
    'ctxlock.config.json': ollamaConfig(server.url, [SMALL, LARGE]),
  })
  const run = await ctxlock(['run', 'task.json', '--allow-unsandboxed'], { cwd })
  expect(run.code, run.stdout + run.stderr).toBe(0)
  expect(server.requests.map(({ model }) => model)).toEqual([SMALL, SMALL, SMALL, SMALL, LARGE, SMALL])
  expect(server.requests.map((request) => shown(request))).toEqual([
    'export const sum = (a, b) => a - b',
    'export const sum = (a, b) => a - b',
    'export const max = (a, b) => a',
    'export const max = (a, b) => a',
    'export const max = (a, b) => a',
    'export const min = (a, b) => a',
  ])
  // Later micro-tasks read what earlier ones made of it.
  expect(server.requests.slice(2).map((request) => shown(request, 'src/sum.mjs'))).toEqual(
    server.requests.slice(2).map(() => 'export const sum = (a, b) => a + b'),
  )

  // The attempt after a failed check is told how that ended; hashes are all that is on record of it.
  const ended = /What the failed check printed ended with:\n(?:.*\n)*?.*AssertionError/
  expect(server.requests.map(({ prompt }) => ended.test(prompt))).toEqual([false, true, false, false, false, false])
  const events = recordedEvents(cwd)
  expect(JSON.stringify(events)).not.toContain('AssertionError')
  const iterations = events.filter((event) => event.type === 'micro_task_iteration_complete')
  expect(iterations.map(({ payload: { outcome, decision } }) => [outcome.failure_category, decision])).toEqual([
    ['unknown', 'retry'],
    [undefined, 'complete'],
    ['syntax_error_isolated', 'retry'],
    ['scope_violation', 'escalate'],
    [undefined, 'complete'],
    [undefined, 'complete'],
  ])
  // A micro-task begins with packs of its own; a later attempt at it is bound to those, a changed model by its swap (CP-049).
  expect(events.flatMap((event) => (event.type === 'context_pack_bound' ? [event.payload.reason] : []))).toEqual([
    'job_start',
    'resume',
    'job_start',
    'resume',
    'model_swap',
    'job_start',
  ])
  const kinds = events.map(({ type }) => type)
  for (const [earlier, later] of [
    ['edits_refused', 'micro_task_escalated'],
    ['micro_task_escalated', 'micro_task_drop_back'],
    ['micro_task_drop_back', 'patch_ready'],
  ] as const) {
    expect(kinds.indexOf(earlier), `${earlier} before ${later}`).toBeGreaterThan(-1)
    expect(kinds.indexOf(later), `${earlier} before ${later}`).toBeGreaterThan(kinds.indexOf(earlier))
  }
  expect(run.stdout).toMatch(/^next {7}.*ctxlock.* apply [0-9a-f]{8} --check/m)
  expect(run.stdout).toContain(`escalated  MT-002 from ${SMALL} to ${LARGE}: scope_violation`)

  expect(await replayed(cwd)).toEqual({ code: 0, same: 6, decisions: null })
  expect(readFileSync(join(cwd, 'src/sum.mjs'), 'utf8')).toBe(WORKSPACE['src/sum.mjs'])
  const applied = await ctxlock(['apply', 'last'], { cwd })
  expect(applied.code, applied.stderr).toBe(0)
  expect(readFileSync(join(cwd, 'src/max.mjs'), 'utf8')).toBe('export const max = (a, b) => Math.max(a, b)\n')
  expect((await ctxlock(['verify'], { cwd })).code).toBe(0)
  // What the run edited is read as it was for each call, from the store.
  expect(await replayed(cwd)).toEqual({ code: 0, same: 6, decisions: null })
  expect(server.requests).toHaveLength(6)
}, 60_000)

/** The run as a replay finds it: every request and every decision made again. */
async function replayed(cwd: string) {
  const { code, value } = await ctxlockJson(['replay', 'last'], { cwd })
  const calls = z.array(z.object({ status: z.string() })).parse(value.at('calls').raw)
  return {
    code,
    same: calls.filter(({ status }) => status === 'same').length,
    decisions: value.at('decisions', 'first_difference').raw,
  }
}

/** The line of a file as the model saw it; without a name, of the one under work. */
function shown({ prompt }: OllamaRequest, path?: string): string | undefined {
  const file = path ?? /^Change only these files: (\S+)\./m.exec(prompt)?.[1] ?? ''
  return new RegExp(`file:${file}>>\\n(.*)\\n<<end`).exec(prompt)?.[1]
}

test('an answer that completes a micro-task without an edit keeps none of the attempt that failed before it', async () => {
  const server = await startOllamaServer([SMALL], (_, number) =>
    number === 1 ? file('sum', 'a * b') + claim('MT-001', 'sum') : claim('MT-001', 'sum'),
  )
  const cwd = makeWorkspace({
    ...WORKSPACE,
    'src/sum.mjs': 'export const sum = (a, b) => a + b\n',
    'task.json': JSON.stringify({ ...TASK, steps: [step('sum', 0)] }),
    'ctxlock.config.json': ollamaConfig(server.url, [SMALL]),
  })
  const { code, stderr } = await ctxlockHere(['run', join(cwd, 'task.json'), '--allow-unsandboxed'], cwd)
  expect([code, server.requests.length], stderr).toEqual([0, 2])
  const kinds = recordedEvents(cwd).map(({ type }) => type)
  expect(kinds).toContain('edits_tried')
  expect(kinds).not.toContain('edits_accepted')
  expect(kinds).not.toContain('patch_ready')
})

test('the task file of the run is no file of its own, also when the run goes on', async () => {
  const edit = '<mt_file path="task.json">\n{}\n</mt_file>\n'
  const server = await startOllamaServer([SMALL], () => edit + claim('MT-001', 'sum'))
  const own = { ...step('sum', 0), files: { modify: ['src/sum.mjs', 'task.json'] } }
  const cwd = makeWorkspace({
    ...WORKSPACE,
    'task.json': JSON.stringify({ ...TASK, scope: [...TASK.scope, 'task.json'], steps: [own] }),
    'ctxlock.config.json': ollamaConfig(server.url, [SMALL]),
  })
  expect((await ctxlockHere(['run', join(cwd, 'task.json'), '--allow-unsandboxed'], cwd)).code).toBe(4)
  expect((await ctxlockHere(['continue', 'last'], cwd)).code).toBe(4)
  const refused = recordedEvents(cwd).flatMap((event) => (event.type === 'edits_refused' ? [event.payload] : []))
  expect(refused).toEqual(Array(4).fill({ error_code: 'PATH_PROTECTED', subject: 'task.json', scope_violation: true }))
})

test('a file that does not fit into the prompt is not written as a whole by a model that saw a part of it', async () => {
  const lines = Array.from({ length: 2000 }, (_, line) => `// Arithmetic of line ${line}\n`).join('')
  const long = lines + WORKSPACE['src/sum.mjs']
  const diff = SCRIPT[1]?.replace('@@ -1 +1 @@', '@@ -2001 +2001 @@').replace('sum.mjs:1\n', 'sum.mjs:2001\n')
  const answers = [file('sum', 'a + b') + claim('MT-001', 'sum'), diff]
  const server = await startOllamaServer([SMALL], (_, number) => answers[number - 1] ?? 'too many calls')
  const cwd = makeWorkspace({
    ...WORKSPACE,
    'src/sum.mjs': long,
    'task.json': JSON.stringify({ ...TASK, steps: TASK.steps.slice(0, 1) }),
    'ctxlock.config.json': ollamaConfig(server.url, [SMALL]),
  })
  const run = await ctxlockHere(['run', join(cwd, 'task.json'), '--allow-unsandboxed'], cwd)
  expect(run.code, run.stdout + run.stderr).toBe(0)
  expect(run.stdout).toContain('FILE_NOT_SHOWN src/sum.mjs')
  expect((await ctxlockHere(['apply', 'last'], cwd)).code).toBe(0)
  expect(readFileSync(join(cwd, 'src/sum.mjs'), 'utf8')).toBe(long.replace('a - b', 'a + b'))
})
