import { createRedactor } from '@ctxlock/ace-validators/redactor'
import type { LockfileCheck, SourceChange } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'
import type { Redactor, SourceReader } from '@ctxlock/contracts/ports'
import { bytesHash, type Hash } from '@ctxlock/core-hash'

import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { findLockedBytes } from '../git/locked-bytes.ts'
import { CONFIG_FILE } from '../workspace/committed-files.ts'
import { loadConfig } from '../workspace/config-file.ts'
import { changedLines, type ChangedLines } from './changed-lines.ts'
import { lfsContent } from './lfs-pointer.ts'
import { findReasons, type PathReason } from './path-reason.ts'
import { tasksOf } from './tasks-of.ts'

/** One changed source with what a person needs to judge it. The text of lines is for their eyes and is never recorded. */
export interface ReportedChange extends SourceChange {
  /** For a source that came or went. */
  readonly why?: PathReason
  /** For a source whose bytes differ; null when its earlier bytes are not to be had. */
  readonly lines?: ChangedLines | null
  /** The file changed again between the check and the comparison of its lines. */
  readonly unstable?: true
  /** Tasks of the lockfile that may read it. */
  readonly tasks: readonly string[]
}

/** Of larger or further files only the hashes are compared. */
const MAX_BYTES = 1_048_576
const MAX_FILES = 200

/** Adds reason, changed lines and tasks to the changed sources of a check. Costs nothing when none changed. */
export function reportChanges(
  lockfile: Lockfile,
  check: LockfileCheck,
  { root, linesPerFile }: { readonly root: string; readonly linesPerFile: number },
): ReportedChange[] {
  const { config } = loadConfig(root)
  const reader = createWorkspaceReader(root)
  const redactor = createRedactor()
  const sizes = new Map(lockfile.sources.map(({ path, size }) => [path, size]))
  const locked = findLockedBytes(
    root,
    check.sources
      .flatMap(({ path, old_hash, old_link }) =>
        old_hash ? [{ path: old_link ?? path, hash: old_hash, of: path }] : [],
      )
      .filter(({ of }) => (sizes.get(of) ?? Infinity) <= MAX_BYTES)
      .slice(0, MAX_FILES),
  )
  const earlierText = (path: string) => {
    const bytes = locked.get(check.sources.find((change) => isRuleFile(path) && change.path === path)?.old_hash ?? '')
    return bytes && new TextDecoder().decode(bytes)
  }
  const reasons = findReasons({ root, config, excluded: check.excluded, earlierText })
  return check.sources.map((change) => ({
    ...change,
    ...(change.change === 'removed' && { why: reasons.ofRemoved(change.path) }),
    ...(change.change === 'added' && { why: reasons.ofAdded(change.path) }),
    ...(linesPerFile > 0 && linesOf(change, locked, { reader, redactor, limit: linesPerFile })),
    tasks: tasksOf(change.path, lockfile.reads),
  }))
}

function linesOf(
  { path, old_hash, new_hash }: SourceChange,
  locked: ReadonlyMap<Hash, Uint8Array>,
  { reader, redactor, limit }: { readonly reader: SourceReader; readonly redactor: Redactor; readonly limit: number },
): Pick<ReportedChange, 'lines' | 'unstable'> {
  if (old_hash === undefined || new_hash === undefined || old_hash === new_hash) return {}
  const before = locked.get(old_hash)
  if (before && lfsContent(before) === new_hash)
    return only('Git LFS: the content is here, and its pointer was locked; lock where LFS files are fetched')
  const read = reader.read(path, { maxBytes: MAX_BYTES })
  if (read.status === 'read' && lfsContent(read.bytes) === old_hash)
    return only('Git LFS: a pointer is here, and its content was locked; `git lfs pull` fetches it')
  if (!before || read.status !== 'read') return { lines: null }
  const lines = changedLines(before, read.bytes, { redactor, limit })
  return bytesHash(read.bytes) === new_hash ? { lines } : { lines, unstable: true }
}

function only(form: string): Pick<ReportedChange, 'lines'> {
  return { lines: { hunks: [], omitted: 0, form: [form] } }
}

/** Files that decide which other files are sources. */
function isRuleFile(path: string): boolean {
  return path === CONFIG_FILE || path === '.gitignore' || path.endsWith('/.gitignore')
}
