import { PARCEL } from '../sources/parcel.ts'

/** The one command that is no command of ctxlock: what an application does that records events itself. */
export const RECORD = 'record-events'

/** One command of a scenario. */
export interface Stage {
  readonly name: string
  readonly command: readonly string[]
  /** What a person types next, if it failed; `resume last` only where a run was begun. */
  readonly next: readonly string[]
}

export interface Scenario {
  /** The files of the workspace it begins in. */
  readonly files: Readonly<Record<string, string>>
  /** In this order; each begins where the one before it ended well. */
  readonly stages: readonly Stage[]
}

/** Stands for the hash of the plan to erase that `PLANNED` shows. */
export const PLAN = '<plan>'
export const PLANNED: readonly string[] = ['erase', 'last', '--bodies', '--dry-run', '--json']

const QUESTION = 'How is the checksum of a box computed?'
const lock = { name: 'lock', command: ['lock'], next: ['lock', '--json'] }
const ask = { name: 'ask', command: ['ask', QUESTION], next: ['ask', QUESTION, '--json'] }
const record = { name: 'record', command: [RECORD], next: ask.next }
const EXPORT = ['export', 'last', '--output', '../run.jsonl']
const exported = { name: 'export', command: EXPORT, next: [...EXPORT, '--json'] }
const erase = {
  name: 'erase',
  command: ['erase', 'last', '--bodies', '--reason', 'asked for', '--yes', PLAN],
  next: ['erase', '--json'],
}
const check = { name: 'check', command: ['check'], next: ['check', '--json'] }
const verify = { name: 'verify', command: ['verify'], next: ['verify', '--json'] }

const config = { schema_version: 'ctxlock.config@1', rules: { files: ['AGENTS.md'] } }

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  /** Every kind of file and of call on it, as few of each as there can be, so that all of them can fail. */
  compact: {
    files: {
      '.gitignore': 'build/\n',
      'AGENTS.md': '# Rules\n\n- Answers MUST name the depot.\n',
      'README.md': '# Parcel\n\nA checksum is computed over the raw bytes of a box.\n',
      'ctxlock.config.json': JSON.stringify({ ...config, recorder: { keep_payloads: true } }),
    },
    stages: [lock, record, ask, exported, check, verify],
  },
  /** A longer one, with a run of two micro-tasks: of its calls a sample fails. */
  run: {
    files: {
      '.gitignore': 'build/\n',
      'build/out.txt': 'made, and no source\n',
      ...PARCEL,
      'task.json': JSON.stringify({
        schema_version: 'ctxlock.task@1',
        goal: QUESTION,
        scope: ['README.md', 'src/'],
        done: ['It is explained.'],
        expected_output: 'structured_answer',
        steps: ['one', 'two'].map((name) => ({ name, goal: `Explain the checksum, part ${name}.` })),
      }),
    },
    stages: [
      lock,
      { name: 'run', command: ['run', 'task.json'], next: ['resume', 'last', '--json'] },
      ask,
      record,
      erase,
      check,
      verify,
    ],
  },
}

/** Typed where nothing was begun that could be gone on with. */
export const BEGIN_AGAIN: readonly string[] = ['run', 'task.json', '--json']
