import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export const FAULT_KINDS = ['ENOSPC', 'EIO', 'EINTR', 'SHORT', 'FULL'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** One call of a process on a file, as the shim lists it. */
export interface IoCall {
  /** Counted from 1. */
  readonly number: number
  readonly name: string
  readonly kinds: readonly FaultKind[]
  /** Below the folder that is looked at. */
  readonly path: string
}

/** What a process gets to be looked at: its calls on the files below a folder are listed, and one may fail. */
export interface Fault {
  readonly number: number
  readonly kind: FaultKind
}

/** Compiles the shim; undefined, with the reason, where that cannot be done. */
export function compileShim(folder: string): { readonly path: string } | { readonly missing: string } {
  if (process.platform !== 'linux') return { missing: 'faults are put in with LD_PRELOAD, as Linux has it' }
  const path = join(folder, 'fault-shim.so')
  const source = join(import.meta.dirname, 'fault-shim.c')
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', path, source, '-ldl'], {
    encoding: 'utf8',
  })
  return status === 0 ? { path } : { missing: `cc did not compile ${source}: ${stderr ?? 'there is no cc'}` }
}

/** Environment of a process under the shim. */
export function shimmed(shim: string, below: string, list: string, fault?: Fault): NodeJS.ProcessEnv {
  rmSync(list, { force: true })
  return {
    LD_PRELOAD: shim,
    IO_FAULTS_BELOW: below,
    IO_FAULTS_LIST: list,
    ...(fault && { IO_FAULTS_AT: String(fault.number), IO_FAULTS_KIND: fault.kind }),
  }
}

const TAKES_SPACE = 1
const CAN_BE_INTERRUPTED = 2
const MOVES_BYTES = 4

export function listedCalls(list: string): IoCall[] {
  const lines = readFileSync(list, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const [, number, name = '', traits, path = ''] = /^(\d+) (\S+) (\d+) (.*)$/.exec(line) ?? []
    return { number: Number(number), name, kinds: kindsOf(Number(traits)), path }
  })
}

function kindsOf(traits: number): FaultKind[] {
  return [
    'EIO',
    ...((traits & TAKES_SPACE) === 0 ? [] : (['ENOSPC', 'FULL'] as const)),
    ...((traits & CAN_BE_INTERRUPTED) === 0 ? [] : (['EINTR'] as const)),
    ...((traits & MOVES_BYTES) === 0 ? [] : (['SHORT'] as const)),
  ]
}
