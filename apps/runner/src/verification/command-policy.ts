import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, sep } from 'node:path'

import type { CommandRefusalCode, Refusal } from '@ctxlock/contracts/edits'

import { commandWords } from './command-words.ts'

export interface AllowedCommand {
  readonly ok: true
  /** Where the program is. */
  readonly executable: string
  readonly args: readonly string[]
}

export interface CommandPolicy {
  /** Names that `execution.commands` holds. */
  readonly allowed: ReadonlySet<string>
  /** Folders in which programs are looked for. */
  readonly searchPath: readonly string[]
}

/** The folders of PATH that nobody who writes to the workspace can put a program into. */
export function trustedSearchPath(path: string | undefined, root: string): readonly string[] {
  const prefix = realpathSync(root) + sep
  return (path ?? '').split(delimiter).filter((folder) => {
    if (!isAbsolute(folder)) return false
    try {
      return !(realpathSync(folder) + sep).startsWith(prefix)
    } catch {
      return false
    }
  })
}

/** Decides about one command of a task (MT-039, MT-057). Nothing of it comes from a model (MT-054). */
export function judgeCommand(
  command: string,
  { allowed, searchPath }: CommandPolicy,
): AllowedCommand | { readonly ok: false; readonly refusal: Refusal<CommandRefusalCode> } {
  const parsed = commandWords(command)
  if (!parsed.ok) return parsed
  const [program, ...args] = parsed.words
  if (!allowed.has(program)) {
    return refused('COMMAND_NOT_ALLOWED', command, {
      expected: `one of the programs in \`execution.commands\`: ${[...allowed].join(', ') || 'none yet'}`,
      came: program.slice(0, 64),
      next: 'Add its bare name there, if everything it can do may be done in a copy of the workspace.',
    })
  }
  if (isDestructive(program, args)) {
    return refused('COMMAND_DESTRUCTIVE', command, {
      expected: 'a command that checks something',
      came: 'one that throws work away',
      next: 'A person runs such commands.',
    })
  }
  const executable = searchPath.map((folder) => join(folder, program)).find(isExecutable)
  if (executable === undefined) {
    return refused('EXECUTABLE_MISSING', command, {
      expected: `the program ${program} in a folder of PATH outside the workspace`,
      came: 'none',
      next: 'Install it, or correct the command.',
    })
  }
  return { ok: true, executable, args }
}

const GIT_LOSSES: Readonly<Record<string, RegExp>> = {
  reset: /^--(?:hard|merge|keep)$/,
  clean: /^-[a-z]*f|^--force$/,
  checkout: /^-[a-z]*f|^--force$|^--$|^\.$/,
  restore: /./,
  stash: /./,
  push: /./,
  worktree: /./,
  branch: /^-D$|^--delete$|^--force$/,
  'update-ref': /./,
  config: /./,
}

/** Hard resets, forced cleaning, recursive deletion, and what would reach the repository's own data (MT-057). */
function isDestructive(program: string, args: readonly string[]): boolean {
  if (program === 'rm') return args.some((arg) => /^-[a-zA-Z]*[rR]|^--recursive$/.test(arg))
  if (program === 'git') {
    const at = args.findIndex((arg) => !arg.startsWith('-'))
    const loss = GIT_LOSSES[args[at] ?? '']
    // Options in front of the verb can change which repository and which config it is about.
    return at !== 0 || (loss !== undefined && args.slice(1).some((arg) => loss.test(arg)))
  }
  return ['dd', 'mkfs', 'shred', 'sudo', 'su', 'doas'].includes(program)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function refused(
  code: CommandRefusalCode,
  command: string,
  parts: Pick<Refusal, 'expected' | 'came' | 'next'>,
): { readonly ok: false; readonly refusal: Refusal<CommandRefusalCode> } {
  return { ok: false, refusal: { code, subject: command.slice(0, 200), ...parts } }
}
