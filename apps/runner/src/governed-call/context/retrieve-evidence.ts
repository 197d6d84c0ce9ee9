import {
  evidenceBudget,
  lexicalRoute,
  packRoute,
  planQuery,
  retrieve,
  vectorRoute,
  type Retrieval,
} from '@ctxlock/context-compiler'
import type { ScopeInputs } from '@ctxlock/contracts/context'
import type { ModelTier } from '@ctxlock/contracts/primitives'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import type { RetrievalBudgets, QueryPlan } from '@ctxlock/contracts/retrieval'
import { isInScope } from '@ctxlock/contracts/scope-pattern'

import { oneLook } from '../../environment/one-look.ts'
import { isTrusted } from '../../environment/source-trust.ts'
import type { BuildSession } from '../../session/build-session.ts'
import type { Session } from '../../session/session.ts'
import { editsFiles, type CallSubject } from '../call-subject.ts'
import type { PackShelf } from '../packs/pack-shelf.ts'
import { exportableEvidence } from './exportable-evidence.ts'
import { pinnedTexts } from './prompt-blocks.ts'

/**
 * Step 3: which stores are asked, within which budgets (ACE-018). Vectors that were asked for are required: whether words
 * alone brought enough must not decide whether meaning counts.
 */
export function planRetrieval(
  session: BuildSession,
  subject: CallSubject,
  suffixTokens: number,
  embedderId?: string,
): QueryPlan {
  return planQuery(
    {
      queryText: subject.question,
      queryKind: 'fact_lookup',
      // A digest of a file is not what a diff can be made on.
      stores: editsFiles(subject) ? ['shadow_ws_lexical'] : ['context_packs', 'shadow_ws_lexical'],
      ...(embedderId !== undefined && !editsFiles(subject) && { required: ['shadow_ws_vector'] }),
      budgets: fittedBudgets(session, subject, suffixTokens),
      filters: { allow_external_fetch: false, trust_min: session.config.policy.trustMin },
      determinismMode: session.config.policy.determinismMode,
      policyId: session.config.policy.policyProfileId,
    },
    session.stamps,
  )
}

/** What the config allows a call of this kind (VAL-052). */
export function retrievalBudgets(
  { config: { policy } }: Pick<BuildSession, 'config'>,
  subject: CallSubject,
): RetrievalBudgets {
  return editsFiles(subject) ? policy.retrievalForEdits : policy.retrieval
}

/** The configured budgets, with the evidence cut to what the envelope will have room for. */
function fittedBudgets(session: BuildSession, subject: CallSubject, suffixTokens: number): RetrievalBudgets {
  const budgets = retrievalBudgets(session, subject)
  const room = evidenceBudget({
    suffix: suffixTokens,
    pinned: pinnedTexts(subject),
    snippets: budgets.max_snippets_total,
    counter: session.counter,
  })
  return { ...budgets, max_total_evidence_tokens: Math.max(1, Math.min(budgets.max_total_evidence_tokens, room)) }
}

export function scopeInputsOf(subject: CallSubject): ScopeInputs {
  const { files } = subject.definition
  return {
    entity_refs: [],
    ...(subject.scope.length > 0 && { topic_scope: { paths: [...subject.scope].toSorted() } }),
    ...(files.read.length + files.modify.length > 0 && { overrides: { paths: [...files.modify, ...files.read] } }),
  }
}

/**
 * Step 4: fresh packs, then the lexical index, then vectors if asked for, then bounded reads; freshness is decided per pack on
 * the way. Throws `CloudLeakageBlocked` when nothing was found that may be sent to a cloud model.
 */
export async function retrieveEvidence(
  session: Session,
  subject: CallSubject,
  plan: QueryPlan,
  shelf: PackShelf,
  { tier = 'local', embedderId }: { readonly tier?: ModelTier; readonly embedderId?: string | undefined } = {},
): Promise<Retrieval> {
  const { files } = subject.definition
  const { database } = session.state
  const { edited } = session
  const exportable = tier === 'cloud' ? exportableEvidence(session.config.sources.exportable) : undefined
  // Not asked for at all: a pile of sources that may not be shown must not crowd out those that may. What the run itself has edited
  // is read where it is named; indexes know only what it was.
  const accepts = oncePerPath(
    (path) =>
      !edited.has(path) &&
      (subject.scope.length === 0 || isInScope(path, subject.scope)) &&
      isTrusted(session.trustOf(path), plan.filters.trust_min) &&
      (exportable?.accepts(path) ?? true),
  )
  // Packs are compared with the very bytes that evidence is taken from.
  const look = oneLook(session.reader)
  const found = await retrieve({
    plan,
    scope: { inputs: scopeInputsOf(subject), paths: [...files.modify, ...files.read] },
    reader: look,
    counter: session.counter,
    folding: session.folding,
    routes: {
      context_packs: packRoute({
        database,
        accepts,
        check: (path, { takeToolCall }) => shelf.check(path, takeToolCall, look),
      }),
      shadow_ws_lexical: lexicalRoute(database, { accepts }),
      ...(embedderId !== undefined && { shadow_ws_vector: vectorRoute(database, { embedderId, accepts }) }),
    },
    stamps: session.stamps,
    // A cached answer is known by its scope, and says nothing of edits or of what may leave.
    ...(edited.size === 0 && !exportable && { cache: session.candidateCache }),
    toolchain: [session.packBuilder],
    describe: (sourceId) => ({
      classification: 'medium',
      trustClass: session.trustOf(pathOfSourceId(sourceId) ?? sourceId),
    }),
  })
  return exportable?.conclude(found) ?? found
}

/** Stores ask for every window they find. */
function oncePerPath(accepts: (path: string) => boolean): (path: string) => boolean {
  const known = new Map<string, boolean>()
  return (path) => {
    const accepted = known.get(path) ?? accepts(path)
    known.set(path, accepted)
    return accepted
  }
}
