import type { FileFacts } from '@ctxlock/context-pack'
import type { FileDigest } from '@ctxlock/core-hash/files'
import type { ExcludedSource } from '@ctxlock/contracts/lockfile'
import type { Hash } from '@ctxlock/contracts/primitives'

import { createSourceExclusion, type KeepRules } from '../environment/source-exclusion.ts'
import { createWorkspaceHasher, openWorkspaceHashing } from '../environment/workspace-digests.ts'
import type { ListingRules } from '../environment/left-out.ts'
import { listWorkspace, type WorkspaceListing } from '../environment/workspace-listing.ts'

/** One source as it is now: raw-byte hash and size in bytes, and what the lockfile states of the file itself. */
export interface SurveyedSource extends FileFacts {
  readonly path: string
  readonly hash: Hash
  readonly size: number
}

export interface SourceSurvey {
  /** Every listed path, sources or not, in UTF-16 order. */
  readonly files: readonly string[]
  /** In UTF-16 order of paths. */
  readonly sources: readonly SurveyedSource[]
  /** What is there and is no source, with the reason: a class of files, a link that leads out, a file that cannot be read. */
  readonly excluded: readonly ExcludedSource[]
}

/** The part of the config that says which files are sources. */
export interface SurveyRules extends ListingRules {
  readonly keep: KeepRules
}

/** Windows has no executable bit; there `check` takes the one that was locked. */
const KEEPS_MODES = process.platform !== 'win32'

/** A survey whose files are listed; another thread may be hashing them already. */
export interface BegunSurvey {
  readonly listing: WorkspaceListing
  finish(): Promise<SourceSurvey>
  /** For when it is not finished because something else failed. */
  close(): Promise<void>
}

/** Which sources a workspace has, by content. Lock and check ask here, so that they cannot disagree. */
export function surveySources(root: string, config: { readonly sources: SurveyRules }): Promise<SourceSurvey> {
  return beginSurvey(root, config).finish()
}

/** The same in two steps, for a command that has something else to do while another thread hashes. */
export function beginSurvey(root: string, { sources: rules }: { readonly sources: SurveyRules }): BegunSurvey {
  const options = { root, keep: rules.keep }
  const { ofPath } = createSourceExclusion(rules.keep)
  const excluded: ExcludedSource[] = []
  const hashing = openWorkspaceHashing(options)
  const listing = listWorkspace(root, rules, ({ path }) => {
    const reason = ofPath(path)
    if (reason === undefined) hashing.add(path)
    else excluded.push({ path, reason })
  })
  for (const { path, reason } of listing.excluded) excluded.push({ path, reason })
  return { listing, finish, close: () => hashing.close() }

  async function finish(): Promise<SourceSurvey> {
    const first = await hashing.finish()
    // A file that somebody is writing gets one more chance (CP-021), and one whose disk failed.
    const again = first.filter(({ status }) => status === 'changed_during_read' || status === 'unreadable')
    const second = createWorkspaceHasher(options)(again.map(({ path }) => path))
    const digests = new Map([...first, ...second].map((digest) => [digest.path, digest]))
    const sources: SurveyedSource[] = []
    for (const { path, link } of listing.files) {
      const digest = digests.get(path)
      if (!digest) continue
      const surveyed = sourceOf(digest, link)
      if ('reason' in surveyed) excluded.push(surveyed)
      else sources.push(surveyed)
    }
    return { files: listing.files.map(({ path }) => path), sources, excluded }
  }
}

function sourceOf(digest: FileDigest, link: string | undefined): SurveyedSource | ExcludedSource {
  const { path } = digest
  if (digest.status !== 'hashed') return { path, reason: digest.status }
  const { hash, size, executable, remark } = digest
  if (remark !== undefined) return { path, reason: remark }
  return {
    path,
    ...(KEEPS_MODES && executable && { mode: 'executable' }),
    ...(link !== undefined && { link }),
    hash,
    size,
  }
}
