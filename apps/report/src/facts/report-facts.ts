import type { ReportJudgement } from '@ctxlock/log-verifier/browser'

import { callFacts, type CallFacts, type TraceRecord } from './call-facts.ts'
import { decisionFacts, type DecisionFacts } from './decision-facts.ts'
import { Fields } from './fields.ts'
import { readEvents, type ReadEvent } from './read-event.ts'
import { packFacts, sourceFacts, type PackFacts, type SourceFacts } from './source-facts.ts'

/** Everything the page shows, read from events and records that were not found broken. */
export interface ReportFacts {
  readonly runs: readonly RunFacts[]
  readonly calls: readonly CallFacts[]
  readonly sources: readonly SourceFacts[]
  readonly packs: readonly PackFacts[]
  readonly decisions: readonly DecisionFacts[]
}

/** A part of a run: what one process recorded of it. */
export interface RunFacts {
  readonly id: string
  /** The run as people know it; another one than the first for a child. */
  readonly partOf: string
  readonly command: string | undefined
  readonly startedAt: string | undefined
  readonly endedAt: string | undefined
  /** Undefined without an end: it was interrupted, or went on when the report was written. */
  readonly outcome: string | undefined
  readonly exitCode: number | undefined
  readonly profile: string | undefined
  readonly versions: string
}

export function reportFacts({ events, records, runs }: ReportJudgement): ReportFacts {
  const read = readEvents(events)
  const traces = new Map(
    records.flatMap(({ hash, state, text }) => (state === 'named' ? [[hash, traceRecord(text)] as const] : [])),
  )
  const calls = callFacts(read, traces)
  return {
    runs: runs.map(({ run, partOf }) => runFacts(run, partOf, read)),
    calls,
    sources: sourceFacts(calls),
    packs: packFacts(read, calls),
    decisions: decisionFacts(read),
  }
}

function traceRecord(text: string): TraceRecord {
  return { fields: Fields.of(text), bytes: new TextEncoder().encode(text).length }
}

function runFacts(id: string, partOf: string, events: readonly ReadEvent[]): RunFacts {
  const own = events.filter(({ run }) => run === id)
  const header = own.find(({ type }) => type === 'run_header')
  const end = own.findLast(({ type }) => type === 'run_end')
  const payload = header?.fields.at('payload')
  const versions = payload?.list('package_versions').map((one) => `${one.text('name')} ${one.text('version')}`) ?? []
  const node = payload?.text('node_version')
  return {
    id,
    partOf,
    command: payload?.text('command'),
    startedAt: header?.at,
    endedAt: end?.at,
    outcome: end?.fields.text('payload', 'outcome'),
    exitCode: end?.fields.number('payload', 'exit_code'),
    profile: payload?.text('profile_id'),
    versions: [...versions, ...(node === undefined ? [] : [`Node ${node}`])].join(', '),
  }
}
