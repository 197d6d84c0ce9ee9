// Damages a real workspace: first every stored object in every way, one at a time, read back and verified in this process; then
// state and lockfile at random places, with every command that reads them. Each must work with the results of the undamaged
// workspace, or refuse and say what is damaged: never crash, never claim what is not so.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { damageDatabase, damageFile } from './corruption/damage.ts'
import { damageObjects, type ObjectsTally } from './corruption/objects.ts'
import { judge, type Outcome } from './corruption/verdict.ts'
import { pick, seededRandom, type Random } from './generated-files/random.ts'
import { LANGUAGES, writeText } from './generated-files/languages.ts'

export interface Result {
  readonly objects: ObjectsTally
  readonly rounds: number
  readonly commands: number
  /** How often a command worked with the right result, and how often it refused by name. */
  readonly worked: number
  readonly refused: number
  /** Crashes, wrong claims and refusals without a name: the bar is 0. */
  readonly wrong: number
}

const MAIN = fileURLToPath(new URL('../../../apps/runner/src/main.ts', import.meta.url))
const QUESTION = 'What must keep its record until the update is done?'
/** `show` gets the id of a recorded call. The commands run in this order on one damaged copy. */
const COMMANDS = [['check'], ['verify'], ['show'], ['diff'], ['ask', QUESTION], ['lock'], ['check']] as const

/**
 * `--rounds N` (20; each takes seven commands, some seconds), `--count N` (1; each damages every object in four ways),
 * `--seed N` (1). Prints every wrong outcome with what was damaged.
 */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '20' },
      count: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
    },
  })
  const rounds = atLeastOne('rounds', values.rounds)
  const count = atLeastOne('count', values.count)
  const random = seededRandom(Number(values.seed))
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-corruption-'))
  const tally = { worked: 0, refused: 0, wrong: 0 }
  try {
    const original = join(folder, 'original')
    const call = makeWorkspace(original, random)
    const lockfile = readFileSync(join(original, 'ctxlock.lock'), 'utf8')
    const objects = damageObjects(original, count, random)
    for (let round = 0; round < rounds; round += 1) {
      const copy = join(folder, 'copy')
      cpSync(original, copy, { recursive: true })
      const damage = damageOne(copy, random)
      for (const command of COMMANDS) {
        const outcome = run(copy, command[0] === 'show' ? ['show', call] : [...command])
        const verdict = judge(outcome, { lockfile, damaged: damage.path, root: copy })
        tally[verdict.kind] += 1
        if (verdict.kind === 'wrong') {
          console.log(`wrong: ${command.join(' ')} after ${damage.what} of ${damage.path}: ${verdict.reason}`)
        }
      }
      rmSync(copy, { recursive: true })
    }
    return { objects, rounds, commands: rounds * COMMANDS.length, ...tally }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function atLeastOne(option: string, value: string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new Error(`Expected --${option} to be a whole number from 1 up.`)
}

/** A locked workspace with one recorded call, whose id is returned. */
function makeWorkspace(root: string, random: Random): string {
  for (const [index, language] of LANGUAGES.entries()) {
    const path = join(root, `src/file-${index}.${language.extension}`)
    mkdirSync(dirname(path), { recursive: true })
    // One is large enough for its pack and the request about it to be a file of its own in the state.
    writeFileSync(path, writeText(language, random, index === 0 ? 150_000 : 1500))
  }
  for (const command of [['init'], ['lock'], ['ask', QUESTION]]) {
    const { status, stderr } = run(root, command)
    if (status !== 0) throw new Error(`Expected ctxlock ${command[0]} to end with 0, got ${status}: ${stderr}`)
  }
  const asked = JSON.parse(run(root, ['ask', QUESTION]).stdout) as unknown
  return callOf(asked)
}

function callOf(value: unknown): string {
  const text = JSON.stringify(value)
  const call = /"(?:call_id|call)":"([^"]+)"/.exec(text)?.[1]
  if (call === undefined) throw new Error('Expected the answer to name its call.')
  return call
}

interface Damage {
  readonly path: string
  readonly what: string
}

function damageOne(root: string, random: Random): Damage {
  const files = readdirSync(join(root, '.ctxlock'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.gitignore')
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted()
  const path = pick(random, ['ctxlock.lock', ...files])
  // Rows are damaged inside the database half of the time: SQLite itself would only notice a broken page.
  const what =
    path.endsWith('state.db') && random() < 0.7
      ? damageDatabase(join(root, path), random)
      : damageFile(join(root, path), random)
  return { path, what }
}

function run(cwd: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, '--json'], { cwd, encoding: 'utf8' })
  return { command: args[0] ?? '', status, stdout, stderr, lockfile: lockfileOf(cwd) }
}

function lockfileOf(root: string): string | undefined {
  try {
    return readFileSync(join(root, 'ctxlock.lock'), 'utf8')
  } catch {
    return undefined
  }
}
