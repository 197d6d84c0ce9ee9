import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { textHash } from '@ctxlock/core-hash'

import { copyPaths, lockedPaths, shuffleTimes } from './copied-tree.ts'
import { firstDifference, type TextDifference } from './first-difference.ts'
import { rebuild, type Rebuilt } from './rebuild.ts'
import { shallowClone } from './shallow-clone.ts'

export interface Variation {
  readonly name: string
  /** What was in force, or why the variation could not be tried. */
  readonly note: string
  readonly result: 'identical' | 'different' | 'skipped'
  /** SHA-256 of the lockfile's bytes. */
  readonly hash?: string
  readonly difference?: TextDifference
}

export interface LockVariations {
  /** The lockfile of the tree as it is. */
  readonly lock: Rebuilt
  readonly hash: string
  readonly variations: readonly Variation[]
  /** A copy of the tree that may be edited, and one that is left as it was. */
  readonly copy: string
  readonly pristine: string
}

/** Builds the lockfile of a tree, and again under five conditions that must not change a byte of it. */
export async function lockVariations(root: string, scratch: string, signal: AbortSignal): Promise<LockVariations> {
  const paths = lockedPaths(root)
  const copy = join(scratch, 'copy')
  const pristine = join(scratch, 'pristine')
  for (const folder of [copy, pristine]) {
    mkdirSync(folder)
    copyPaths(root, folder, paths)
  }
  const build = (folder: string, variables: NodeJS.ProcessEnv = {}) => rebuild(folder, scratch, variables, signal)
  // Two at a time: more would only wait for each other's disk and processor.
  const [lock, cloned] = await Promise.all([build(root), buildClone()])
  const [copied, turkish] = await Promise.all([
    build(copy),
    build(copy, { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }),
  ])
  const far = await build(copy, { TZ: 'Pacific/Kiritimati' })
  shuffleTimes(copy, paths)
  const shuffled = await build(copy)

  const compared = (name: string, built: Rebuilt, note: string): Variation => ({
    name,
    note,
    hash: textHash(built.text),
    ...compare(lock.text, built.text),
  })
  return {
    lock,
    hash: textHash(lock.text),
    copy,
    pristine,
    variations: [
      'built' in cloned
        ? compared('shallow clone', cloned.built, uncommittedNote(cloned.uncommitted))
        : { name: 'shallow clone', result: 'skipped', note: cloned.skipped },
      compared('copy without .git', copied, 'another path as well'),
      compared('another locale', turkish, turkish.locale),
      compared('another time zone', far, far.timeZone),
      compared('shuffled file times', shuffled, 'every modification time changed'),
    ],
  }

  async function buildClone() {
    const clone = await shallowClone(root, scratch, paths, signal)
    return 'skipped' in clone ? clone : { built: await build(clone.root), uncommitted: clone.uncommitted }
  }
}

function compare(expected: string, actual: string): Pick<Variation, 'result' | 'difference'> {
  const difference = firstDifference(expected, actual)
  return difference ? { result: 'different', difference } : { result: 'identical' }
}

function uncommittedNote(count: number): string {
  return count === 0
    ? 'the last commit'
    : `the last commit, with ${count} uncommitted ${count === 1 ? 'file' : 'files'} laid over it`
}
