import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { listedCalls, shimmed, type Fault, type IoCall } from './fault-shim.ts'
import { FILES, type Stage } from './stages.ts'

const COMPILED = join(import.meta.dirname, '../../../../node_modules/.cache/node')
const NEXT_START = join(import.meta.dirname, 'next-process.ts')
/** Far longer than anything takes: what is not done by then hangs. */
const HANGS_MS = 60_000

/** The one folder that holds everything the processes read and write beside ctxlock itself: what a person has, and a workspace. */
export interface Place extends Disposable {
  readonly workspace: string
  /** Above it all, for what is no part of it. */
  readonly parent: string
  /** A process of the scenario, under the shim. */
  play(stage: Stage, shim: string, fault?: Fault): Played
  /** Command lines without a fault, one after the other in a fresh process. */
  follow(commands: readonly (readonly string[])[]): CommandOutcome[]
  save(name: string): void
  restore(name: string): void
  /** Every file, by its path with what is new in each run taken out. */
  files(): string[]
}

export interface Played {
  /** Null when it was killed by a signal, or hung. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** All of its calls; those that failed, if there was a fault. */
  readonly calls: readonly IoCall[]
}

export interface CommandOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export function openPlace(): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-io-faults-')))
  const [place, saved, list] = [join(folder, 'place'), join(folder, 'saved'), join(folder, 'calls')]
  const workspace = join(place, 'workspace')
  const env = {
    PATH: process.env['PATH'],
    HOME: join(place, 'home'),
    XDG_CONFIG_HOME: join(place, 'config'),
    XDG_CACHE_HOME: join(place, 'cache'),
    TMPDIR: join(place, 'tmp'),
    NODE_COMPILE_CACHE: COMPILED,
    NO_COLOR: '1',
  }
  for (const own of [env.HOME, env.TMPDIR]) mkdirSync(own, { recursive: true })
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  const node = (program: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, program, {
      cwd: workspace,
      env: { ...env, ...more },
      encoding: 'utf8',
      timeout: HANGS_MS,
      killSignal: 'SIGKILL',
    })

  return {
    workspace,
    parent: folder,
    play({ program }, shim, fault) {
      const { status, stdout, stderr } = node(program, shimmed(shim, place, list, fault))
      return { code: status, stdout, stderr, calls: listedCalls(list) }
    },
    follow(commands) {
      const { stdout, stderr } = node([NEXT_START, ...commands.map((args) => JSON.stringify(args))])
      const outcomes: CommandOutcome[] = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
      if (outcomes.length !== commands.length) throw new Error(`Expected ${commands.length} outcomes, got: ${stderr}`)
      return outcomes
    },
    save: (name) => cpSync(place, join(saved, name), { recursive: true }),
    restore(name) {
      rmSync(place, { recursive: true, force: true })
      cpSync(join(saved, name), place, { recursive: true })
    },
    files: () =>
      readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => pathKind(join(entry.parentPath, entry.name).slice(place.length + 1)))
        .toSorted(),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Without what is new in each run: ids, hashes, process ids, the width of a tile. */
export function pathKind(path: string): string {
  return path
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}/g, '<id>')
    .replaceAll(/\d+-\d+\.tmp/g, '<n>.tmp')
    .replaceAll(/\.\d+\.tmp/g, '.<n>.tmp')
    .replaceAll(/\d+/g, '<n>')
}

export function readIn(workspace: string, path: string): string | undefined {
  try {
    return readFileSync(join(workspace, path), 'utf8')
  } catch {
    return undefined
  }
}
