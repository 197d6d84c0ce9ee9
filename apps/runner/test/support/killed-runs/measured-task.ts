// A task with all that a run can be killed in: two answers, two patches with commands, a false completion, an escalation to another
// model and back, and a gate.
import { startModelServer, type ModelServer } from '../model-server.ts'
import { ollamaConfig } from '../ollama-config.ts'

const [SMALL, LARGE] = ['small:1b', 'large:32b']

const patchStep = (name: string) => ({
  name,
  goal: `Make ${name} right.`,
  files: { modify: [`src/${name}.mjs`], read: ['check.mjs'] },
  done: [`${name} is right`],
  verify: [`node check.mjs ${name}`],
  expected_output: 'patch',
})

/** The files of the workspace that a patch does not change. */
const KEPT = {
  'README.md': '# Parcel\n\nA checksum is computed over the raw bytes of a box.\n',
  'check.mjs':
    "import assert from 'node:assert'\nconst name = process.argv[2]\nconst made = await import(`./src/${name}.mjs`)\nassert.equal(made[name](1, 2), { sum: 3, max: 2 }[name])\n",
  'task.json': JSON.stringify({
    schema_version: 'ctxlock.task@1',
    goal: 'Mend the arithmetic, and explain the checksum.',
    scope: ['src/', 'check.mjs', 'README.md'],
    done: ['The checksum is explained.'],
    expected_output: 'structured_answer',
    steps: [
      { name: 'explain', goal: 'Explain the checksum.' },
      patchStep('sum'),
      patchStep('max'),
      { name: 'report', goal: 'Say what a box is checked by.' },
    ],
  }),
}

const source = (name: string, body: string) => `export const ${name} = (a, b) => ${body}\n`
const claim = (mtId: string, name: string, body: string) =>
  `<mt_file path="src/${name}.mjs">\n${source(name, body)}</mt_file>\n<mt_complete>\nMT_ID: ${mtId}\nEVIDENCE:\n- "${name} is right" -> src/${name}.mjs:1\n</mt_complete>\n`
const QUOTED = 'README.md:3-3\n> A checksum is computed over the raw bytes of a box.\n'

/** What is answered to each iteration, by micro-task, level and iteration at that level; the steps are those of the ledger. */
const SCRIPT: Readonly<Record<string, { readonly step: string; readonly answer: string }>> = {
  'MT-001 0 1': { step: 'MT-001_iter-001', answer: QUOTED },
  'MT-002 0 1': { step: 'MT-002_iter-001', answer: claim('MT-002', 'sum', 'a * b') },
  'MT-002 0 2': { step: 'MT-002_iter-002', answer: claim('MT-002', 'sum', 'a + b') },
  'MT-003 0 1': { step: 'MT-003_iter-001', answer: claim('MT-003', 'max', 'a') },
  'MT-003 0 2': { step: 'MT-003_iter-002', answer: claim('MT-003', 'max', 'a - b') },
  'MT-003 1 1': { step: 'MT-003_iter-003', answer: claim('MT-003', 'max', 'Math.max(a, b)') },
  'MT-004 0 1': { step: 'MT-004_iter-001', answer: QUOTED },
}

/** Every call of the run, by its step. */
export const STEPS: readonly string[] = Object.values(SCRIPT).map(({ step }) => step)

export const BEFORE: Readonly<Record<string, string>> = {
  ...KEPT,
  'src/sum.mjs': source('sum', 'a - b'),
  'src/max.mjs': source('max', 'a'),
}

/** The workspace when the patch of the run is applied. */
export const AFTER: Readonly<Record<string, string>> = {
  ...KEPT,
  'src/sum.mjs': source('sum', 'a + b'),
  'src/max.mjs': source('max', 'Math.max(a, b)'),
}

export interface MeasuredServer {
  readonly config: string
  /** The steps it was asked for, in order, and `unknown` for what is none of the task. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** A server that holds both models and answers by the script, and the config that names it. */
export async function startMeasuredServer(): Promise<MeasuredServer> {
  const server = await startModelServer('ollama', { [SMALL]: 1, [LARGE]: 1 })
  const asked: string[] = []
  server.says = () => {
    const entry = SCRIPT[iterationOf(server)]
    asked.push(entry?.step ?? 'unknown')
    return entry?.answer ?? 'This was not asked for.'
  }
  const swaps = { schema_version: 'hsk.exec_policy_ext@0.4', kind: 'model_swap_policy', allow_swaps: true }
  const limits = { max_swaps_per_job: 10, swap_timeout_ms: 20_000, fallback_strategy: 'abort' }
  return {
    config: ollamaConfig(server.origin, [SMALL, LARGE], {
      pause_points: ['MT-004'],
      extensions: [{ ...swaps, ...limits }],
    }),
    asked,
    close: () => server.close(),
  }
}

function iterationOf({ chats }: ModelServer): string {
  const prompt = chats.at(-1)?.toString('utf8') ?? ''
  const mtId = /# Micro-task (MT-\d{3}):/.exec(prompt)?.[1]
  const [, iteration, level] = /Iteration (\d+) of at most \d+, at level (\d+)/.exec(prompt) ?? []
  return `${mtId} ${level} ${iteration}`
}
