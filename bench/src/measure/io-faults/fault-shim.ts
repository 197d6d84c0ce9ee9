import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
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

export interface FaultShim {
  /** For a process whose calls on the files below a folder are counted. */
  variables(below: string): NodeJS.ProcessEnv
  /** Begins a new count, and says which call fails; none, if left out. */
  arm(fault?: Fault): void
  /** The calls since then; those that failed, if one was to. */
  calls(): IoCall[]
}

/** Compiles the shim into a folder, where it is told what to do and says what it saw; or gives the reason why that cannot be done. */
export function compileShim(folder: string): FaultShim | { readonly missing: string } {
  if (process.platform !== 'linux') return { missing: 'faults are put in with LD_PRELOAD, as Linux has it' }
  const [library, control, list] = ['fault-shim.so', 'control', 'calls'].map((name) => join(folder, name))
  if (!library || !control || !list) throw new Error('Expected three paths.')
  const source = join(import.meta.dirname, 'fault-shim.c')
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  })
  if (status !== 0) return { missing: `cc did not compile ${source}: ${stderr ?? 'there is no cc'}` }
  return {
    variables: (below) => ({
      LD_PRELOAD: library,
      IO_FAULTS_BELOW: below,
      IO_FAULTS_LIST: list,
      IO_FAULTS_CONTROL: control,
    }),
    arm(fault) {
      writeFileSync(list, '')
      writeFileSync(control, controlBytes(fault), { flag: existsSync(control) ? 'r+' : 'w' })
    },
    calls: () => listedCalls(readFileSync(list, 'utf8')),
  }
}

/** `struct control` of the shim: which call, how, and the count and the flag that begin anew. */
function controlBytes({ number, kind }: Fault = { number: 0, kind: 'EIO' }): Uint8Array {
  const bytes = Buffer.alloc(32)
  bytes.writeBigInt64LE(BigInt(number))
  bytes.write(kind, 8)
  return bytes
}

const TAKES_SPACE = 1
const CAN_BE_INTERRUPTED = 2
const MOVES_BYTES = 4

function listedCalls(text: string): IoCall[] {
  const lines = text.split('\n').slice(0, -1)
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
