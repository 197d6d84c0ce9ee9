import type { FreshnessVerifier } from '@ctxlock/contracts/freshness'
import type { ContentResolver, GuardPolicy, GuardPorts } from '@ctxlock/contracts/guards'
import { pathOfSourceId, type Reference } from '@ctxlock/contracts/references'
import { bytesHash, settle } from '@ctxlock/core-hash'
import { verifyTrace } from '@ctxlock/freshness-guard'

import { exportableSources } from '../../environment/exportable-sources.ts'
import type { BuildSession, GuardSession } from '../../session/build-session.ts'
import { waiverPolicy } from '../../waivers/workspace-waivers.ts'
import type { CallSubject } from '../call-subject.ts'
import { retrievalBudgets } from '../context/retrieve-evidence.ts'
import { freshnessReads, type PackShelf } from '../packs/pack-shelf.ts'
import { bytesIfStored } from '../packs/stored-bytes.ts'
import { bundleMembers } from './bundle-members.ts'

/** What guards recompute their judgement from: files, stores and registries, never the words of another component (VAL-006). */
export function guardPorts(session: GuardSession, freshness: FreshnessVerifier): GuardPorts {
  return {
    resolver: contentResolver(session),
    sources: session.reader,
    freshness,
    tokenCounter: session.counter,
    redactor: session.redactor,
    vault: {
      header(handle) {
        if (!session.vault) throw new Error('no vault is open')
        return session.vault.header(handle)
      },
    },
    rules: session.rules.registry,
  }
}

/** Examines again, from bytes, every pack that a trace calls fresh. */
export function packVerifier(session: GuardSession, shelf?: Pick<PackShelf, 'find'>): FreshnessVerifier {
  return (trace) =>
    verifyTrace(trace, session.freshnessRules, { ...freshnessReads(session), findPack: (hash) => shelf?.find(hash) })
}

export function guardPolicy(session: BuildSession, subject: CallSubject): GuardPolicy {
  const { policy } = session.config
  // Judged by every guard of three hooks: frozen once, it is not copied for each.
  return settle<GuardPolicy>({
    ...waiverPolicy(session.config),
    on_candidate_hit: policy.onCandidateHit,
    waivers: session.waivers,
    on_drift: policy.onDrift,
    budgets: retrievalBudgets(session, subject),
    deterministic_rerankers: [],
    cacheable_stages: ['retrieval_candidates'],
    payload_magic: session.vaultMagic,
  })
}

/**
 * Workspace files are of medium classification and exportable only where the config says so. What an object is only its store
 * knows; nothing of what a handle claims is repeated here, so that the guard compares two words and not one with itself
 * (VAL-031, VAL-036).
 */
function contentResolver(session: GuardSession): ContentResolver {
  let isExportable: ((sourceId: string) => boolean) | undefined
  return {
    describe(reference) {
      const bytes = bytesOf(session, reference)
      if (!bytes) return undefined
      const common = { content_hash: bytesHash(bytes), size_bytes: bytes.length }
      if (reference.kind === 'artifact_handle') {
        const label = session.artifacts.label(common.content_hash)
        const members = label?.kind === 'bundle' ? bundleMembers(bytes, session.artifacts) : undefined
        return label && { ...common, ...label, ...(members && { members }) }
      }
      isExportable ??= exportableSources(session.config.sources.exportable)
      const exportable = reference.kind === 'source_ref' && isExportable(reference.ref.id)
      return { ...common, kind: 'source', classification: 'medium', exportable }
    },
    bytes: (reference) => bytesOf(session, reference),
  }
}

function bytesOf(session: GuardSession, reference: Reference): Uint8Array | undefined {
  if (reference.kind === 'artifact_handle') return bytesIfStored(session, reference.ref.content_hash)
  const path = reference.kind === 'source_ref' ? pathOfSourceId(reference.ref.id) : undefined
  const read = path === undefined ? undefined : session.reader.read(path)
  return read?.status === 'read' ? read.bytes : undefined
}
