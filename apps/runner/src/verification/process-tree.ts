import { readdirSync, readFileSync } from 'node:fs'

/** Stands in the environment of a command, so that a process which left its tree is still known. */
export const COMMAND_MARK = 'CTXLOCK_COMMAND'

export interface TreeUse {
  readonly processes: number
  /** Of all of them, in bytes. */
  readonly memory: number
}

const PAGE = 4096
const ROUNDS = 20

/** What a command and all it started use now; nothing is known where there is no `/proc`. */
export function treeUse(leader: number, mark: string): TreeUse {
  const members = treeOf(leader, mark)
  const pages = members.map((pid) => Number(readProc(pid, 'statm').split(' ')[1] ?? 0))
  return { processes: members.length, memory: pages.reduce((sum, count) => sum + count, 0) * PAGE }
}

/**
 * Kills a command and everything it started, at once and whatever they do with signals: its process group, its descendants,
 * and by their mark those that a daemon left behind. Inside a sandbox the kernel ends the rest with its first process.
 * Where the leader is not known, the mark alone has to tell.
 */
export function killTree(leader: number | undefined, mark: string): void {
  if (leader !== undefined) kill(-leader)
  // While some are being killed others may be born.
  for (let round = 0; round < ROUNDS; round += 1) {
    const members = treeOf(leader, mark)
    if (members.length === 0) return
    for (const pid of members) kill(pid)
  }
}

function treeOf(leader: number | undefined, mark: string): number[] {
  const parents = new Map<number, number>()
  for (const pid of processIds()) {
    const status = readProc(pid, 'stat')
    // The name between the parentheses is the process's own choice.
    const [state = '', parent = ''] = status.slice(status.lastIndexOf(')') + 2).split(' ')
    if (parent !== '' && state !== 'Z') parents.set(pid, Number(parent))
  }
  const isMember = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === leader) return true
    return readProc(pid, 'environ').includes(`${COMMAND_MARK}=${mark}\0`)
  }
  return [...parents.keys()].filter(isMember)
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isSafeInteger)
  } catch {
    return []
  }
}

/** Empty for a process that is gone, or another person's. */
function readProc(pid: number, name: 'stat' | 'statm' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
