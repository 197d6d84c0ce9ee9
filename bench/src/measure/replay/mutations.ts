import { CallRecord, RequestManifest } from '../../../../packages/contracts/src/call.ts'
import { ContextPlan, ContextSnapshot } from '../../../../packages/contracts/src/context.ts'
import { ContextPackBinding, RoleContextPack, WorkUnitContextPack } from '../../../../packages/contracts/src/packs.ts'
import { CandidateList, QueryPlan, RetrievalTrace } from '../../../../packages/contracts/src/retrieval.ts'
import type { RecordedCall } from '../../../../apps/runner/src/replay/recorded-call.ts'

/** The records of a call under the names a replay gives them, with the schemas they are read by. */
const RECORDS = {
  role_pack: ['rolePack', RoleContextPack],
  work_unit_pack: ['workUnitPack', WorkUnitContextPack],
  binding: ['binding', ContextPackBinding],
  query_plan: ['queryPlan', QueryPlan],
  candidate_list: ['candidateList', CandidateList],
  retrieval_trace: ['trace', RetrievalTrace],
  context_plan: ['contextPlan', ContextPlan],
  context_snapshot: ['snapshot', ContextSnapshot],
  request_manifest: ['manifest', RequestManifest],
  call_record: ['call', CallRecord],
} as const

export interface Mutation {
  /** As a replay is to name it. */
  readonly field: string
  /**
   * False for what follows from nothing else on record: ids, times, and what stores and caches answered in that moment. It is held
   * by the hash of its record, so the record is what can be named.
   */
  readonly isMadeAgain: boolean
  readonly mutated: RecordedCall
}

const FOLLOWS_FROM_NOTHING: readonly RegExp[] = [
  /\/created_at$/,
  /^query_plan\/plan_id$/,
  /^context_plan\/policy\/decision_id$/,
  /^retrieval_trace\/(?:schema_version|trace_id|route_taken|diversity|context_pack_freshness|drift|hits|truncation_flags|warnings|errors)(?:\/|$)/,
  /^retrieval_trace\/rerank\/(?:used|method|inputs_hash)$/,
  /^candidate_list\/schema_version$/,
  /^context_snapshot\/(?:artifact_handles\/[2-9]|local_only_payload_ref|retrieval_trace\/(?:hash|trace_id)$)/,
  /^call_record\/(?:guard_report|schema_version)/,
]

/** Every mutation of one field of one record in which everything else is as it was, and which the record's schema lets pass. */
export function mutationsOf(recorded: RecordedCall): Mutation[] {
  return Object.entries(RECORDS).flatMap(([name, [member, schema]]) =>
    fieldsOf(recorded[member], []).flatMap((path) => {
      const field = [name, ...path].join('/')
      const record = schema.safeParse(withOther(recorded[member], path))
      if (!record.success) return []
      const isMadeAgain = !FOLLOWS_FROM_NOTHING.some((pattern) => pattern.test(field))
      return [{ field, mutated: { ...recorded, [member]: record.data }, isMadeAgain }]
    }),
  )
}

type Path = readonly string[]

function fieldsOf(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, member]) => fieldsOf(member, [...path, name]))
}

function withOther(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined) return other(value)
  if (Array.isArray(value))
    return value.map((member: unknown, index) => (String(index) === name ? withOther(member, rest) : member))
  if (typeof value !== 'object' || value === null) throw new TypeError('a path leads through objects')
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === name ? withOther(member, rest) : member]),
  )
}

/** Of the same type where there is one, so that it is the field that is wrong and not its form. */
function other(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (typeof value !== 'string') return 'x'
  return /^[0-9a-f-]{32,}$/.test(value)
    ? value.replace(/[0-9a-f]/, (digit) => (digit === '0' ? '1' : '0'))
    : `${value}x`
}
