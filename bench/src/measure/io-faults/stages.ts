import { join } from 'node:path'
import { PARCEL } from '../sources/parcel.ts'

const MAIN = join(import.meta.dirname, '../../../../apps/runner/src/main.ts')

/** One process of the scenario. */
export interface Stage {
  readonly name: string
  /** Program and arguments for Node. */
  readonly program: readonly string[]
  /** What a person types next, if it failed; `resume last` only where a run was begun. */
  readonly next: readonly string[]
}

const QUESTION = 'How is the checksum of a box computed?'
const command = (...args: readonly string[]) => [MAIN, ...args]

/** In this order; each begins where the one before it ended well. */
export const STAGES: readonly Stage[] = [
  { name: 'lock', program: command('lock'), next: ['lock', '--json'] },
  { name: 'run', program: command('run', 'task.json'), next: ['resume', 'last', '--json'] },
  { name: 'ask', program: command('ask', QUESTION), next: ['ask', QUESTION, '--json'] },
  {
    name: 'append',
    program: [join(import.meta.dirname, 'append-process.ts')],
    next: ['ask', QUESTION, '--json'],
  },
  { name: 'check', program: command('check'), next: ['check', '--json'] },
  { name: 'verify', program: command('verify'), next: ['verify', '--json'] },
]

/** Typed where nothing was begun that could be gone on with. */
export const BEGIN_AGAIN: readonly string[] = ['run', 'task.json', '--json']

export const FILES: Readonly<Record<string, string>> = {
  '.gitignore': 'build/\n',
  'build/out.txt': 'made, and no source\n',
  ...PARCEL,
  'task.json': JSON.stringify({
    schema_version: 'ctxlock.task@1',
    goal: 'How is the checksum of a box computed?',
    scope: ['README.md', 'src/'],
    done: ['It is explained.'],
    expected_output: 'structured_answer',
    steps: ['one', 'two'].map((name) => ({ name, goal: `Explain the checksum, part ${name}.` })),
  }),
}
