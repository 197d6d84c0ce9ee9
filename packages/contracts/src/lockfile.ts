// `ctxlock.lock`, the file a team commits: which sources, rules and packs a model may see. No clock, no absolute path, nothing of
// the host; how it is written line by line is in @ctxlock/context-pack.
import { z } from 'zod'

import { ScopePattern } from './micro-task.ts'
import { Builder, NotPackedReason, RoleId } from './packs.ts'
import { Count, Hash, Identifier, RelativePath, SourceId } from './primitives.ts'
import { Selector } from './references.ts'

const sourceFacts = {
  path: RelativePath,
  hash: Hash,
  size: Count,
  tokens: Count.exactOptional(),
  /** Stated as git states it: when the owner may execute the file. */
  mode: z.literal('executable').exactOptional(),
  /** The path is a symlink; the file it leads to in the end. */
  link: RelativePath.exactOptional(),
}

/** One file of the workspace: raw-byte hash, size in bytes, tokens of the whole text, payload hash of its pack. */
export const LockedPackedSource = z.strictObject({ ...sourceFacts, pack: Hash })
/** The same for a file that was read but has no pack. */
export const LockedUnpackedSource = z.strictObject({ ...sourceFacts, not_packed: NotPackedReason })
export const LockedSource = z.union([LockedPackedSource, LockedUnpackedSource]).meta({ id: 'LockedSource' })
export type LockedSource = z.infer<typeof LockedSource>

/** A file or folder that was seen and left out: a pattern of the config, or a reason it has no hash. */
export const ExcludedSource = z.strictObject({ path: RelativePath, reason: Identifier }).meta({ id: 'ExcludedSource' })
export type ExcludedSource = z.infer<typeof ExcludedSource>

/** One rule of one role; `text_hash` is the hash of its exact words. */
export const LockedRule = z
  .strictObject({
    role: RoleId,
    rule: Identifier,
    severity: z.enum(['hard', 'soft']),
    source: SourceId,
    span: Selector.exactOptional(),
    text_hash: Hash,
  })
  .meta({ id: 'LockedRule' })
export type LockedRule = z.infer<typeof LockedRule>

export const LockedRole = z.strictObject({ role: RoleId, pack: Hash }).meta({ id: 'LockedRole' })
export type LockedRole = z.infer<typeof LockedRole>

/** The work-unit pack of one task file. */
export const LockedTask = z
  .strictObject({ task: Identifier, role: RoleId, pack: Hash, source: SourceId.exactOptional() })
  .meta({ id: 'LockedTask' })
export type LockedTask = z.infer<typeof LockedTask>

const taskRead = { role: RoleId, task: Identifier }

/** A governed document bound to a role; each of its rules stands in `rules` with its span. */
export const LockedGovernedRead = z.strictObject({
  role: RoleId,
  reason: z.enum(['rules', 'protocol']),
  source: SourceId,
  hash: Hash,
})
/**
 * A pattern of a task's scope and what it lets in: how many sources with how many tokens. `hash` is the canonical hash of
 * their sorted `[path, hash]` pairs, so that a task of thousands of sources is one line and still states each of them.
 */
export const LockedScopeRead = z.strictObject({
  ...taskRead,
  reason: z.literal('scope'),
  pattern: ScopePattern,
  sources: Count,
  tokens: Count,
  hash: Hash,
})
/** A file the task names; it is read whether or not it is found by a search. */
export const LockedNamedRead = z.strictObject({ ...taskRead, reason: z.literal('named'), source: SourceId })
/** A span that is chosen for the prompt of the task. */
export const LockedSpanRead = z.strictObject({
  ...taskRead,
  reason: z.literal('selected'),
  source: SourceId,
  span: Selector,
  tokens: Count,
})
/** What lets a role, or a task of it, see a source. The sources themselves stand once, in `sources`. */
export const LockedRead = z
  .discriminatedUnion('reason', [LockedGovernedRead, LockedScopeRead, LockedNamedRead, LockedSpanRead])
  .meta({ id: 'LockedRead' })
export type LockedRead = z.infer<typeof LockedRead>

/**
 * A guard of a plugin, which decides with the twelve what may be sent. `plugin` as the config names it; `code_hash` is the
 * raw-byte hash of the file it was loaded from.
 */
export const LockedGuard = z
  .strictObject({ guard: Identifier, version: Identifier, plugin: Identifier, code_hash: Hash })
  .meta({ id: 'LockedGuard' })
export type LockedGuard = z.infer<typeof LockedGuard>

export const LOCKFILE_VERSION = 'ctxlock.lock@2'

export const Lockfile = z
  .strictObject({
    schema_version: z.literal(LOCKFILE_VERSION),
    builder: Builder,
    /** The counter behind every `tokens`. */
    token_counter: Identifier,
    sources: z.array(LockedSource),
    excluded: z.array(ExcludedSource),
    roles: z.array(LockedRole),
    rules: z.array(LockedRule),
    tasks: z.array(LockedTask),
    reads: z.array(LockedRead),
    /** Absent where no plugin brings a guard. */
    guards: z.array(LockedGuard).min(1).exactOptional(),
    /** Canonical hash of everything else, so that a file merged by hand is found out. */
    lock_hash: Hash,
  })
  .meta({ id: 'Lockfile' })
export type Lockfile = z.infer<typeof Lockfile>
