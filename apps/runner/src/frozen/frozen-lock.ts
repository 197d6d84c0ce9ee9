import type { SourceChange } from '@ctxlock/context-pack'
import type { LockedRead, Lockfile } from '@ctxlock/contracts/lockfile'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import type { Retrieval } from '@ctxlock/context-compiler'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { BoundCall } from '../governed-call/packs/bind-packs.ts'
import { packsOf, rolePackOf } from '../governed-call/packs/build-packs.ts'
import type { PackShelf } from '../governed-call/packs/pack-shelf.ts'
import { readLockfile } from '../lock/lockfile-file.ts'
import { lockedTaskName } from '../lock/task-names.ts'
import { checkWorkspace } from '../lock/workspace-check.ts'
import type { Session } from '../session/session.ts'

/** A call as it is about to be sent. */
export interface FrozenCall {
  readonly subject: CallSubject
  readonly bound: BoundCall
  readonly retrieval: Pick<Retrieval, 'snippets'>
  readonly shelf: Pick<PackShelf, 'checked'>
}

/** The lockfile as the only permitted state: what is not in it is not sent. */
export interface FrozenLock {
  /** Compares every source, pack and span of one call, right before it is sent. Throws `FROZEN_MISMATCH`. */
  verify(call: FrozenCall): void
}

/**
 * Compares the whole workspace and every subject of a run with the lockfile before the first call. `taskPath` is the task file
 * of the run; a question has none, and is held to the sources, rules and role packs. Throws `FROZEN_MISMATCH`, exit 3, naming
 * each difference.
 */
export async function openFrozenLock(
  session: Session,
  subjects: readonly CallSubject[],
  taskPath: string | undefined,
  progress: (text: string) => void,
): Promise<FrozenLock> {
  const lockfile = readLockfile(session.root)
  const taskNameOf = (subject: CallSubject) => taskPath && lockedTaskName(taskPath, subject)
  const check = await checkWorkspace(session.root, lockfile, progress)
  refuse([
    ...check.sources.map(describeSource),
    ...[...check.roles, ...check.rules, ...check.tasks, ...check.guards].map(({ change, name }) => `${change} ${name}`),
    ...(check.builder ? ['the builder is another one'] : []),
    ...subjects.flatMap((subject) => [
      ...roleMismatches(lockfile, rolePackOf(session, subject.role).pack),
      ...taskMismatches(lockfile, taskNameOf(subject), packsOf(session, subject).workUnitPack.pack),
    ]),
  ])
  return {
    verify: ({ subject, bound, retrieval, shelf }) =>
      refuse([
        ...taskMismatches(lockfile, taskNameOf(subject), bound.workUnitPack),
        ...sourceMismatches(lockfile, retrieval, shelf),
        ...spanMismatches(lockfile.reads, taskNameOf(subject), retrieval),
      ]),
  }
}

/** What the command line overrides could change a role. */
function roleMismatches({ roles }: Lockfile, { role_id, pack_hash }: BoundCall['rolePack']): string[] {
  const locked = roles.find(({ role }) => role === role_id)?.pack
  return locked === pack_hash ? [] : [`the pack of role ${role_id} is not the locked one`]
}

/** The work-unit pack names the role pack it stands on, so it is held to the rules of the folders it works in too. */
function taskMismatches(
  { tasks }: Lockfile,
  task: string | undefined,
  { pack_hash }: BoundCall['workUnitPack'],
): string[] {
  const locked = tasks.find((one) => one.task === task)
  if (task === undefined || locked?.pack === pack_hash) return []
  return [locked ? `task ${task} is not as locked` : `task ${task} is not in the lockfile`]
}

function sourceMismatches({ sources }: Lockfile, retrieval: FrozenCall['retrieval'], shelf: FrozenCall['shelf']) {
  const locked = new Map(sources.map((source) => [source.path, source]))
  const packOf = (path: string) => {
    const source = locked.get(path)
    return source && 'pack' in source ? source.pack : undefined
  }
  return [
    ...retrieval.snippets.flatMap(({ span: { ref } }) =>
      locked.get(pathOfSourceId(ref.id) ?? '')?.hash === ref.hash ? [] : [`${ref.id} is not as locked`],
    ),
    ...shelf.checked.flatMap(({ pack }) =>
      (pack?.record.sources ?? []).flatMap(({ source_id }) =>
        packOf(pathOfSourceId(source_id) ?? '') === pack?.record.payload_hash
          ? []
          : [`the pack of ${source_id} is not the locked one`],
      ),
    ),
  ]
}

/** The prompt of a task holds exactly the spans that were locked. */
function spanMismatches(reads: readonly LockedRead[], task: string | undefined, { snippets }: FrozenCall['retrieval']) {
  if (task === undefined) return []
  const locked = new Set(
    reads.flatMap((read) => (read.reason === 'selected' && read.task === task ? [`${read.source} ${read.span}`] : [])),
  )
  const chosen = new Set(snippets.map(({ span }) => `${span.ref.id} ${span.selector}`))
  return [
    ...[...chosen].filter((span) => !locked.has(span)).map((span) => `${span} is not locked for ${task}`),
    ...[...locked]
      .filter((span) => !chosen.has(span))
      .map((span) => `${span} is locked for ${task} and was not chosen`),
  ]
}

function describeSource({ change, path, from }: SourceChange): string {
  return from === undefined ? `${change} ${path}` : `${change} ${path} from ${from}`
}

const MAX_NAMED = 20

function refuse(mismatches: readonly string[]): void {
  if (mismatches.length === 0) return
  const further = mismatches.length - MAX_NAMED
  const named = [...mismatches.slice(0, MAX_NAMED), ...(further > 0 ? [`${further} more`] : [])]
  throw new CommandError({
    exit: EXIT_CODE.stale,
    code: 'FROZEN_MISMATCH',
    message: `--frozen: not what ctxlock.lock states: ${named.join('; ')}`,
    hint: 'Run `ctxlock check` to see it in full, then `ctxlock lock` to accept it. Nothing was sent.',
    details: { mismatches },
  })
}
