// `ctxlock.lock`, the file a team commits: which sources, rules and packs a model may see. No clock, no absolute path, nothing of
// the host; how it is written line by line is in @ctxlock/context-pack.
import { z } from 'zod'

import { Builder, NotPackedReason, RoleId } from './packs.ts'
import { Count, Hash, Identifier, RelativePath, SourceId } from './primitives.ts'
import { Selector } from './references.ts'

const sourceFacts = { path: RelativePath, hash: Hash, size: Count, tokens: Count.exactOptional() }

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

export const LOCKFILE_VERSION = 'ctxlock.lock@1'

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
    /** Canonical hash of everything else, so that a file merged by hand is found out. */
    lock_hash: Hash,
  })
  .meta({ id: 'Lockfile' })
export type Lockfile = z.infer<typeof Lockfile>
