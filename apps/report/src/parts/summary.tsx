import type { ReportJudgement } from '@ctxlock/log-verifier/browser'

import type { ReportFacts, RunFacts } from '../facts/report-facts.ts'
import { amount, dollars, moment, total } from './amounts.ts'
import { Badge, type Tone } from './badge.tsx'
import { Text } from './visible-text.tsx'

const OUTCOMES: Readonly<Record<string, Tone>> = {
  completed: 'good',
  completed_with_issues: 'warn',
  poisoned: 'bad',
  failed: 'bad',
}

/** The run in a few numbers, and its children. */
export function Summary({ facts, judgement }: { readonly facts: ReportFacts; readonly judgement: ReportJudgement }) {
  const { calls, sources, decisions, runs } = facts
  const tokens = total(calls.flatMap(({ promptTokens, completionTokens }) => [promptTokens, completionTokens]))
  const cached = total(calls.map(({ cachedTokens }) => cachedTokens))
  const cost = total(calls.map(({ costMicroUsd }) => costMicroUsd))
  const findings = calls
    .flatMap(({ guards }) => guards)
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'degrade')
  const violations = decisions.filter(({ tone }) => tone === 'bad')
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">The run</h2>
      <dl class="figures">
        <Figure name="Calls" value={amount(calls.length)} />
        <Figure name="Sources seen" value={amount(sources.length)} />
        <Figure name="Tokens" value={amount(tokens.known)} unknown={tokens.unknown} />
        <Figure name="Cached tokens" value={amount(cached.known)} unknown={cached.unknown} />
        <Figure name="Cost" value={dollars(cost.known)} unknown={cost.unknown} />
        <Figure name="Guard findings" value={amount(findings.length + violations.length)} />
      </dl>
      {runs.map((run, at) => (
        <Run key={run.id} run={run} name={nameOf(run, runs)} events={judgement.runs[at]?.events ?? 0} />
      ))}
    </section>
  )
}

function Figure({
  name,
  value,
  unknown = 0,
}: {
  readonly name: string
  readonly value: string
  readonly unknown?: number
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {unknown > 0 && value !== 'unknown' && <small> + {unknown} unknown</small>}
      </dd>
    </div>
  )
}

/** A process that goes on with a run records a part of it. */
function nameOf({ id, partOf }: RunFacts, all: readonly RunFacts[]): string {
  const parts = all.filter((run) => run.partOf === partOf)
  const run = partOf === all[0]?.partOf ? 'Run' : 'Child run'
  return parts.length > 1 ? `${run}, part ${parts.findIndex((part) => part.id === id) + 1} of ${parts.length}` : run
}

function Run({ run, name, events }: { readonly run: RunFacts; readonly name: string; readonly events: number }) {
  const { id, command, outcome, exitCode, startedAt, endedAt, profile, versions } = run
  return (
    <div class="run">
      <h3>
        {name} <code>{id}</code>{' '}
        {outcome === undefined ? (
          <Badge tone="warn">no end recorded</Badge>
        ) : (
          <Badge tone={OUTCOMES[outcome] ?? 'warn'}>{outcome.replaceAll('_', ' ')}</Badge>
        )}
      </h3>
      <dl class="facts">
        <dt>Command</dt>
        <dd>
          <Text>{command}</Text>
        </dd>
        <dt>Began</dt>
        <dd>{moment(startedAt)}</dd>
        <dt>Ended</dt>
        <dd>
          {outcome === undefined ? 'no end recorded' : moment(endedAt)}
          {exitCode !== undefined && `, exit code ${exitCode}`}
        </dd>
        <dt>Profile</dt>
        <dd>
          <Text>{profile}</Text>
        </dd>
        <dt>Made by</dt>
        <dd>
          <Text>{versions}</Text>
        </dd>
        <dt>Events</dt>
        <dd>{amount(events)}</dd>
      </dl>
    </div>
  )
}
