import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { buildContextPack, diffLockfile, prepareExtractors, type SourceChange } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'
import { ContextPackPayload } from '@ctxlock/contracts/packs'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { parseCanonical } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readBlobs } from '../git/blobs.ts'
import { discardingStore } from '../lock/discarding-store.ts'
import { decodeLockfile, readLockfile, readLockfileAt } from '../lock/lockfile-file.ts'
import { packDifference, type PackDifference } from '../lock/pack-difference.ts'
import { checkWorkspace } from '../lock/workspace-check.ts'
import { changeLines } from '../output/change-lines.ts'
import { lockfileDiffLines } from '../output/diff-lines.ts'
import { configuredExtractors } from '../packs/extractors.ts'
import { packBuilding } from '../packs/pack-building.ts'
import { CALL_ID } from './record/call-id.ts'
import type { CommandContext } from './command-context.ts'
import { openStoredSession } from '../session/stored-session.ts'
import { LOCKFILE } from '../workspace/committed-files.ts'
import { loadConfig } from '../workspace/config-file.ts'
import { hasState } from '../workspace/state.ts'
import { reportedSources, type CheckOptions } from './check.ts'
import { workspaceOf } from './workspace-of.ts'

interface SourceDifference {
  readonly path: string
  readonly change: SourceChange['change']
  /** Absent when one side has no pack, or the old one is not in this workspace's store. */
  readonly pack?: PackDifference
}

interface DiffOptions extends CheckOptions {
  readonly base?: string
}

/**
 * `ctxlock diff`: what changed since the lockfile in what a model would see; with a lockfile or a git revision, what changed
 * between that lockfile and the one here; with two calls, what the later one showed the model otherwise. A difference is an answer, not a failure.
 */
export async function diff(names: readonly string[], context: CommandContext<DiffOptions>): Promise<number> {
  const root = workspaceOf(context)
  const [first, second] = names
  if (first !== undefined && second !== undefined && [first, second].every((name) => isCall(name)))
    return (await import('./record/diff-calls.ts')).diffCalls(first, second, context)
  const [before, after] = namedLockfiles(root, names, context.options.base)
  return before ? diffLockfiles(before, after ?? readLockfile(root), context) : diffWorkspace(root, context)
}

/** A call id, or how one begins; a lockfile of such a name is given with its folder. */
function isCall(name: string): boolean {
  return (name === 'last' || CALL_ID.test(name)) && !existsSync(resolve(name))
}

function namedLockfiles(root: string, names: readonly string[], base: string | undefined): Lockfile[] {
  if (base === undefined) {
    const missing = names.filter((name) => !existsSync(resolve(name)))
    const unknown = missing.find((name) => !isCall(name)) ?? missing[0]
    if (unknown !== undefined) throw nothingToCompare(unknown)
    return names.map((name) => readLockfileAt(resolve(name), name))
  }
  if (names.length > 0) {
    throw new CommandError({
      exit: EXIT_CODE.usage,
      code: 'USAGE',
      message: '--base and the name of a lockfile exclude each other',
      hint: 'Give one of them.',
    })
  }
  const spec = `${base}:./${LOCKFILE}`
  const bytes = /^[^\p{Cc}]+$/u.test(base) ? readBlobs(root, [spec]).get(spec) : undefined
  if (bytes) return [decodeLockfile(bytes)]
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'LOCK_MISSING',
    message: `git has no ${LOCKFILE} at ${base}`,
    hint: 'Give a branch, tag or commit in which the lockfile was committed.',
  })
}

function nothingToCompare(name: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'LOCK_MISSING',
    message: `expected the ids of two calls, or the files of one or two lockfiles, got ${name === '' ? 'an empty name' : name.slice(0, 80)}, which is neither`,
    hint: 'For example `ctxlock diff old.lock`, or `ctxlock diff 01a7dd0f last` for two calls; `--base main` names a git revision.',
  })
}

function diffLockfiles(before: Lockfile, after: Lockfile, { output }: CommandContext<DiffOptions>): number {
  const result = diffLockfile(before, after)
  output.result({ ok: true, old_lock_hash: before.lock_hash, new_lock_hash: after.lock_hash, ...result })
  if (before.lock_hash === after.lock_hash) output.line('the two lockfiles are the same')
  for (const line of lockfileDiffLines(result)) output.line(line)
  return EXIT_CODE.done
}

async function diffWorkspace(root: string, { output, options }: CommandContext<DiffOptions>): Promise<number> {
  const lockfile = readLockfile(root)
  const result = await checkWorkspace(root, lockfile, output.progress)
  const sources = await reportedSources(root, lockfile, result, options.lines)
  const differences = await sourceDifferences(root, lockfile, result.sources)
  output.result({ ok: true, ...result, sources, differences })
  if (result.status === 'matches') output.line('a model would see what the lockfile says')
  for (const line of changeLines(result, sources)) output.line(line)
  for (const { path, pack, change } of differences) {
    if (!pack) {
      if (change === 'changed')
        output.line(`  ${path}: the earlier pack is not stored here; only the hashes can be compared`)
      continue
    }
    for (const hint of pack.added) output.line(`  ${path} + ${oneLine(hint)}`)
    for (const hint of pack.removed) output.line(`  ${path} - ${oneLine(hint)}`)
    for (const { hint, from, to } of pack.moved) output.line(`  ${path}   ${oneLine(hint)}  ${from} → ${to}`)
    if (pack.synopsisChanged) output.line(`  ${path} ~ synopsis`)
  }
  return EXIT_CODE.done
}

async function sourceDifferences(
  root: string,
  lockfile: Lockfile,
  changes: readonly SourceChange[],
): Promise<SourceDifference[]> {
  const stored = hasState(root) ? openStoredSession(root, process.env) : undefined
  const { config } = loadConfig(root)
  const reader = createWorkspaceReader(root)
  const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
  // The packs of the lockfile were built with the same ones.
  const building = packBuilding(config, createRedactor(), extractors)
  await prepareExtractors(
    extractors,
    changes.map(({ path }) => path),
  )
  try {
    return changes.map(({ path, change }) => {
      const locked = lockfile.sources.find((source) => source.path === path)
      const before =
        locked && 'pack' in locked && stored?.artifacts.has(locked.pack) ? stored.artifacts.get(locked.pack) : undefined
      const after = buildContextPack({
        path,
        reader,
        ...building,
        store: discardingStore,
        clock: nodeEnvironment.clock,
        tokenCounter: codePointsPerFour,
      })
      if (!before || !('payload' in after)) return { path, change }
      return { path, change, pack: packDifference(ContextPackPayload.parse(parseCanonical(before)), after.payload) }
    })
  } finally {
    stored?.close()
  }
}

function oneLine(hint: string): string {
  return hint.replace(/\s+/g, ' ').slice(0, 100)
}
