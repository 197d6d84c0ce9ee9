import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import { diffLockfile } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

import { CommandError } from '../command-error.ts'
import type { CommandContext } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readBlobs } from '../git/blobs.ts'
import { decodeLockfile, readLockfile, readLockfileAt } from '../lock/lockfile-file.ts'
import { sourceDifferences, type NotCompared } from '../lock/source-differences.ts'
import { checkWorkspace } from '../lock/workspace-check.ts'
import { changeLines } from '../output/change-lines.ts'
import { lockfileDiffLines } from '../output/diff-lines.ts'
import { LOCKFILE } from '../workspace/committed-files.ts'
import { reportedSources, type CheckOptions } from './check.ts'
import { CALL_ID } from './record/call-id.ts'

const NOT_COMPARED: Readonly<Record<NotCompared, string>> = {
  never_packed: 'it was locked without a pack',
  not_stored: 'the earlier pack is not stored here',
  damaged: 'the earlier pack is damaged here, `ctxlock verify` says more',
  no_pack_now: 'it has no pack now',
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
  return (name === 'last' || CALL_ID.test(name)) && !isFile(name)
}

function isFile(name: string): boolean {
  const path = resolve(name)
  return existsSync(path) && statSync(path).isFile()
}

function namedLockfiles(root: string, names: readonly string[], base: string | undefined): Lockfile[] {
  if (base === undefined) {
    const missing = names.filter((name) => !isFile(name))
    const unknown = missing.find((name) => !isCall(name)) ?? missing[0]
    if (unknown !== undefined) throw nothingToCompare(unknown)
    return names.map((name) => readLockfileAt(name))
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
  if (bytes) return [decodeLockfile(bytes, `${base}:${LOCKFILE}`)]
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
  for (const { path, pack, not_compared: why } of differences) {
    if (why) output.line(`  ${path}: ${NOT_COMPARED[why]}; only the hashes can be compared`)
    if (!pack) continue
    for (const hint of pack.added) output.line(`  ${path} + ${oneLine(hint)}`)
    for (const hint of pack.removed) output.line(`  ${path} - ${oneLine(hint)}`)
    for (const { hint, from, to } of pack.moved) output.line(`  ${path}   ${oneLine(hint)}  ${from} → ${to}`)
    if (pack.synopsisChanged) output.line(`  ${path} ~ synopsis`)
  }
  return EXIT_CODE.done
}

function oneLine(hint: string): string {
  return hint.replace(/\s+/g, ' ').slice(0, 100)
}
