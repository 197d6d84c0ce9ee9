import type { LockedGuard, LockedSource, Lockfile } from '@ctxlock/contracts/lockfile'

import { buildLockfile, describeBuilder, type LockfileInput } from '../src/index.ts'
import type { TaskScope } from '../src/lockfile/locked-reads.ts'
import { builtPair } from './governed.ts'
import { testRedactor, tokenCounter } from './support.ts'

export const builder = describeBuilder({ redactor: testRedactor })
export const rolePack = builtPair().rolePack.pack
export const hash = (digit: string) => digit.repeat(64)

export const SOURCES: readonly LockedSource[] = [
  { path: 'src/b.ts', hash: hash('b'), size: 20, tokens: 5, pack: hash('2') },
  { path: 'logo.png', hash: hash('c'), size: 300, not_packed: 'binary' },
  { path: 'src/a.ts', hash: hash('a'), size: 10, tokens: 3, pack: hash('1') },
]

export const TASK_SCOPE: TaskScope = {
  role: 'worker',
  task: 'add',
  scope: ['src/', '*.png'],
  named: ['src/a.ts'],
  selected: [{ source: 'file:src/a.ts', span: 'lines:1-9', tokens: 2 }],
}

/** The lockfile of these sources and one task, but for what is changed. */
export function lock(change: Partial<LockfileInput> = {}): Lockfile {
  return buildLockfile({
    builder,
    tokenCounter: tokenCounter.id,
    sources: SOURCES,
    excluded: [
      { path: 'node_modules', reason: 'gitignore' },
      { path: 'big.bin', reason: 'too_large' },
    ],
    rolePacks: [rolePack],
    tasks: [{ task: 'add', role: 'worker', pack: hash('d'), source: 'file:tasks/add.yaml' }],
    taskScopes: [TASK_SCOPE],
    ...change,
  })
}

export const GUARDS: readonly LockedGuard[] = [
  { guard: 'b', version: '2', plugin: 'acme-guards', code_hash: hash('7') },
  { guard: 'a', version: '1', plugin: 'acme-guards', code_hash: hash('6') },
]
