import { type CallRecord, RequestManifest } from '@ctxlock/contracts/call'
import { escapeEvidenceText } from '@ctxlock/contracts/evidence'
import { RoleContextPack, type StrictRule, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import { QueryPlan, RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { textHash, type Hash } from '@ctxlock/core-hash'
import { z } from 'zod'

import { PREVIOUS_OUTPUT, prefixBlocks } from '../governed-call/context/prompt-blocks.ts'
import { readRecord } from '../session/stored-records.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** A piece of what the model saw, in the order in which it saw it. */
export interface CallSegment {
  /** `rules`, `task`, `iteration`, `source <path>:<lines>`, `previous output`, `question` or `protocol`. */
  readonly segment: string
  readonly hash: Hash
  readonly place: 'prefix' | 'suffix'
  /** Estimated, as budgets are. */
  readonly tokens: number
}

export interface SegmentedCall {
  readonly call: CallRecord
  readonly segments: readonly CallSegment[]
  readonly rules: readonly StrictRule[]
  /** Of the evidence: each file with the hash it had. */
  readonly sources: ReadonlyMap<string, Hash>
}

/** A delimited block whose own text has been left out, or is ours to store. */
const BLOCK = /<<source [0-9a-f]{16} ([^\n]+)>>\n([^]*?)\n?<<end [0-9a-f]{16}>>/g

const Body = z.looseObject({ messages: z.array(z.looseObject({ content: z.string() })).min(1) })

/** What a call showed the model, from its records alone: no source is needed. Throws `RECORD_INVALID` and what the store throws. */
export function segmentsOf(session: Pick<StoredSession, 'artifacts'>, call: CallRecord): SegmentedCall {
  const rolePack = readRecord(session, call.role_pack, RoleContextPack)
  const workUnit = readRecord(session, call.work_unit_pack, WorkUnitContextPack)
  const trace = readRecord(session, call.retrieval_trace, RetrievalTrace)
  const { query_text } = readRecord(session, call.query_plan, QueryPlan)
  const [rules, task] = prefixBlocks(rolePack, workUnit).map(({ content }) => content)
  const evidence = trace.spans.map(({ ref, start, end, content_hash, token_estimate }) => ({
    segment: `source ${ref.id.replace(/^file:/, '')}:${start}-${end}`,
    hash: content_hash,
    place: 'suffix' as const,
    tokens: token_estimate,
  }))
  const said = suffixTexts(session, readRecord(session, call.request_manifest, RequestManifest), query_text)
  const named = (segment: string, text: string | undefined, place: CallSegment['place'] = 'suffix') =>
    text === undefined || text === ''
      ? []
      : [{ segment, hash: textHash(text), place, tokens: codePointsPerFour.count(text) }]
  return {
    call,
    segments: [
      ...named('rules', rules, 'prefix'),
      ...named('task', task, 'prefix'),
      ...named('iteration', said.iteration),
      ...evidence,
      ...named('previous output', said.previousOutput),
      ...named('question', query_text),
      ...named('protocol', said.protocol),
    ],
    rules: rolePack.strict_rules,
    sources: new Map(
      trace.spans.flatMap(({ ref }) => (ref.hash === undefined ? [] : [[ref.id.replace(/^file:/, ''), ref.hash]])),
    ),
  }
}

/** What stands around evidence and question. Only what is ours is stored as text, and that is enough. */
function suffixTexts({ artifacts }: Pick<StoredSession, 'artifacts'>, manifest: RequestManifest, question: string) {
  const literals = manifest.parts.flatMap((part) =>
    part.part === 'literal' ? [artifacts.get(part.artifact).subarray(0, part.length)] : [],
  )
  const body = Body.safeParse(jsonOf(Buffer.concat(literals).toString('utf8')))
  // A wire form of another kind: what is known by records alone is compared.
  const suffix = body.data?.messages.at(-1)?.content ?? ''
  const blocks = [...suffix.matchAll(BLOCK)]
  const trusted = suffix.replace(BLOCK, '')
  const asked = trusted.lastIndexOf(escapeEvidenceText(question))
  return {
    iteration: asked < 0 ? '' : trusted.slice(0, asked).trim(),
    previousOutput: blocks.find(([, label]) => label === `tool_delta ${PREVIOUS_OUTPUT}`)?.[2],
    protocol: asked < 0 ? '' : trusted.slice(asked + escapeEvidenceText(question).length).trim(),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
