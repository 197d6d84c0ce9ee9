// Random trees: two builds give the same bytes, and of one changed byte exactly its source is found.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createRedactor } from '../../../packages/ace-validators/src/redactor.ts'
import {
  buildContextPack,
  buildLockfile,
  builtInExtractors,
  checkLockfile,
  describeBuilder,
  formatLockfile,
  lockedSource,
  parseLockfile,
  prepareExtractors,
} from '../../../packages/context-pack/src/index.ts'
import { codePointsPerFour } from '../../../packages/contracts/src/token-counter.ts'
import { bytesHash } from '../../../packages/core-hash/src/index.ts'
import { discardingStore } from '../../../apps/runner/src/lock/discarding-store.ts'
import { lockWorkspace } from '../../../apps/runner/src/lock/lock-workspace.ts'
import { checkWorkspace } from '../../../apps/runner/src/lock/workspace-check.ts'
import { openSession } from '../../../apps/runner/src/session/session.ts'
import { seededRandom } from './generated-files/random.ts'
import { randomTree, withOneByteChanged, type Tree } from './trees/random-tree.ts'
import { writeFiles } from '../write-files.ts'

export interface Result {
  readonly seed: number
  readonly trees: number
  readonly files: number
  /** Trees whose two builds differed, whose unchanged check found something, whose change was not found alone. */
  readonly unequal_builds: number
  readonly false_alarms: number
  readonly missed: number
  /** Trees of these that were locked and checked as files by the command's own functions. */
  readonly on_disk: number
}

/** `--trees N` in memory (10,000), `--disk N` of them as files too (20), `--seed N`. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      trees: { type: 'string', default: '10000' },
      disk: { type: 'string', default: '20' },
      seed: { type: 'string', default: '20261121' },
    },
  })
  const [trees, disk, seed] = [Number(values.trees), Number(values.disk), Number(values.seed)]
  await prepareExtractors(builtInExtractors, ['a.ts', 'a.md', 'a.json', 'a.yaml', 'a.py', 'a.css'])
  const result = { seed, trees, files: 0, unequal_builds: 0, false_alarms: 0, missed: 0, on_disk: disk }
  for (let index = 0; index < trees; index += 1) {
    const fraction = seededRandom(seed + index)
    const tree = randomTree(fraction)
    const changed = withOneByteChanged(tree, fraction)
    const { first, second, before, after } =
      index < disk ? await onDisk(tree, changed?.tree ?? tree) : inMemory(tree, changed?.tree ?? tree)
    result.files += tree.size
    if (first !== second) result.unequal_builds += 1
    if (before.length > 0) result.false_alarms += 1
    if (after.join() !== (changed ? `changed ${changed.path}` : '')) result.missed += 1
  }
  return result
}

interface Outcome {
  readonly first: string
  readonly second: string
  /** What `check` names before and after the change. */
  readonly before: readonly string[]
  readonly after: readonly string[]
}

const redactor = createRedactor()
const builder = describeBuilder({ redactor })

function inMemory(tree: Tree, changed: Tree): Outcome {
  const first = builtInMemory(tree)
  const check = (now: Tree) =>
    checkLockfile(parseLockfile(first), {
      builder,
      sources: [...now].map(([path, bytes]) => ({ path, hash: bytesHash(bytes) })),
    }).sources.map(({ change, path }) => `${change} ${path}`)
  // The second build meets the files in the other order.
  return { first, second: builtInMemory(new Map([...tree].toReversed())), before: check(tree), after: check(changed) }
}

function builtInMemory(tree: Tree): string {
  const reader = {
    read: (path: string) => {
      const bytes = tree.get(path)
      return bytes ? ({ status: 'read', bytes } as const) : ({ status: 'missing' } as const)
    },
  }
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const sources = [...tree.keys()].map((path) =>
    lockedSource(
      buildContextPack({ path, reader, redactor, store: discardingStore, clock, tokenCounter: codePointsPerFour }),
    ),
  )
  return formatLockfile(
    buildLockfile({
      builder,
      tokenCounter: codePointsPerFour.id,
      sources: sources.filter((source) => 'hash' in source),
      excluded: sources.filter((source) => 'reason' in source),
      rolePacks: [],
      tasks: [],
    }),
  )
}

async function onDisk(tree: Tree, changed: Tree): Promise<Outcome> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ctxlock-trees-')))
  try {
    writeFiles(root, new Map([...tree].toReversed()))
    const first = await lockedOnDisk(root)
    rmSync(join(root, '.ctxlock'), { recursive: true })
    const second = await lockedOnDisk(root)
    const before = await checkedOnDisk(root, first)
    writeFiles(root, changed)
    return { first, second, before, after: await checkedOnDisk(root, first) }
  } finally {
    rmSync(root, { recursive: true })
  }
}

async function lockedOnDisk(root: string): Promise<string> {
  const session = await openSession({ root, variables: process.env })
  try {
    const { random } = session.environment
    return formatLockfile(
      await lockWorkspace(session, { runId: random.uuid(), sessionId: random.uuid() }, [], () => {}),
    )
  } finally {
    await session.close()
  }
}

async function checkedOnDisk(root: string, lockfile: string): Promise<string[]> {
  const { sources } = await checkWorkspace(root, parseLockfile(lockfile), () => {})
  return sources.map(({ change, path }) => `${change} ${path}`)
}
