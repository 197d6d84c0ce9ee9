import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Fault, FaultShim, IoCall } from './fault-shim.ts'
import { openPlayer, type CommandOutcome } from './player.ts'
import { writeFiles } from '../../write-files.ts'

const COMPILED = join(import.meta.dirname, '../../../../node_modules/.cache/node')

/** The one folder that holds everything the processes read and write beside ctxlock itself: what a person has, and a workspace. */
export interface Place extends Disposable {
  readonly workspace: string
  /** A command in a process under the shim. */
  play(command: readonly string[], fault?: Fault): Promise<Played>
  /** Command lines without a fault, one after the other in another process. */
  follow(commands: readonly (readonly string[])[]): Promise<readonly CommandOutcome[]>
  /** From here on in processes that have played nothing yet. */
  renew(): void
  save(name: string): void
  restore(name: string): void
  /** Every file, by its path with what is new in each run taken out. */
  files(): string[]
  /** Processes that were started so far. */
  processes(): number
}

export interface Played extends Omit<CommandOutcome, 'code'> {
  /** Undefined when its process died, or hung. */
  readonly code: number | undefined
  /** All of its calls; those that failed, if there was a fault. */
  readonly calls: readonly IoCall[]
}

/** Makes the place in `parent`, which it removes when it is disposed of, with these files in its workspace. */
export function openPlace(parent: string, shim: FaultShim, files: Readonly<Record<string, string>>): Place {
  const [folder, saved] = [join(parent, 'place'), join(parent, 'saved')]
  const workspace = join(folder, 'workspace')
  const env = {
    PATH: process.env['PATH'],
    HOME: join(folder, 'home'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    TMPDIR: join(folder, 'tmp'),
    NODE_COMPILE_CACHE: COMPILED,
    NO_COLOR: '1',
  }
  for (const own of [env.HOME, env.TMPDIR]) mkdirSync(own, { recursive: true })
  writeFiles(workspace, Object.entries(files))
  const faulted = openPlayer({ ...env, ...shim.variables(folder) })
  const next = openPlayer(env)
  const renew = () => {
    for (const player of [faulted, next]) player.renew()
  }

  return {
    workspace,
    async play(command, fault) {
      shim.arm(fault)
      const answer = await faulted.play({ folder, workspace, commands: [command] })
      const { code, stdout, stderr } = answer?.outcomes[0] ?? { code: undefined, stdout: '', stderr: '' }
      return { code, stdout, stderr, calls: shim.calls() }
    },
    async follow(commands) {
      const answer = await next.play({ folder, workspace, commands })
      if (!answer) throw new Error(`Expected ${commands.length} outcomes; the process died, or hung.`)
      return answer.outcomes
    },
    renew,
    save: (name) => cpSync(folder, join(saved, name), { recursive: true }),
    restore(name) {
      rmSync(folder, { recursive: true, force: true })
      cpSync(join(saved, name), folder, { recursive: true })
    },
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => pathKind(join(entry.parentPath, entry.name).slice(folder.length + 1)))
        .toSorted(),
    processes: () => faulted.processes + next.processes,
    [Symbol.dispose]() {
      renew()
      rmSync(parent, { recursive: true, force: true })
    },
  }
}

/** A folder of its own for a place, by the path that the system has for it. */
export function freshFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-io-faults-')))
}

/** Without what is new in each run: ids, hashes, process ids, the width of a tile. */
export function pathKind(path: string): string {
  return path
    .replaceAll(/\bvault\/[0-9a-f]{2}/g, 'vault/<id>')
    .replaceAll(/\betilqs_[0-9a-f]+/g, 'etilqs_<id>')
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
