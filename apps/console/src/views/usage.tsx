import { useMemo } from 'preact/hooks'

import { Chart, type ChartFacts, type Series } from '../parts/chart.tsx'
import { Time } from '../parts/marks.tsx'
import { Empty, Failure } from '../parts/notices.tsx'
import { Text } from '../parts/text.tsx'
import type { Amount, Usage, UsageAnswer, UsageBucket, UsageQuestion } from '../record-api.ts'
import type { Route } from '../router.ts'
import { useAnswer } from '../use-answer.ts'

const SPANS = [
  ['1', 'a day'],
  ['7', 'a week'],
  ['30', 'a month'],
  ['90', 'three months'],
  ['all', 'all there is'],
] as const

/** `#/usage`: cost, tokens, cached tokens and latency over time. What no provider said is no zero. */
export function UsageView({ route }: { readonly route: Route }) {
  const [span] = SPANS.find(([name]) => name === route.parameters.get('span')) ?? SPANS[2]
  const question: UsageQuestion = { days: span === 'all' ? null : Number(span) }
  const { answer, error } = useAnswer<UsageAnswer>('/api/usage', question)
  return (
    <>
      <div class="view-head">
        <h1>Usage</h1>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            Calls of the last
            <select
              value={span}
              onChange={({ currentTarget }) => void (location.hash = `#/usage?span=${currentTarget.value}`)}
            >
              {SPANS.map(([name, label]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        </form>
      </div>
      {error && <Failure of={error} />}
      {answer && (answer.buckets.length === 0 ? <NoCalls /> : <Figures of={answer} />)}
    </>
  )
}

function NoCalls() {
  return <Empty title="No call in this time">Choose a longer time, or make a call: it is counted when it ended.</Empty>
}

function Figures({ of: { buckets, models, bucket_ms } }: { readonly of: UsageAnswer }) {
  const charts = useMemo(() => chartsOf(buckets), [buckets])
  return (
    <>
      <div class="charts">
        {charts.map((chart) => (
          <Chart key={chart.title} {...chart} width={bucket_ms} />
        ))}
      </div>
      <section>
        <h2>By model</h2>
        <UsageTable
          caption="Usage by model"
          first="Model"
          rows={models.map((usage) => ({
            key: `${usage.provider_id} ${usage.model_id}`,
            head: <Text of={`${usage.model_id} at ${usage.provider_id}`} />,
            usage,
          }))}
        />
      </section>
      <section>
        <h2>Over time</h2>
        <UsageTable
          caption="Usage over time, the newest first"
          first="From"
          rows={buckets
            .filter(({ calls }) => calls > 0)
            .toReversed()
            .map((usage) => ({ key: usage.at, head: <Time at={usage.at} />, usage }))}
        />
        <p class="quiet">
          “unknown” is what a provider did not say: it is in no sum. An amount with “+ 2 unknown” is the sum of the
          other calls.
        </p>
      </section>
    </>
  )
}

const whole = new Intl.NumberFormat()
const short = new Intl.NumberFormat(undefined, { notation: 'compact' })
const dollars = (micro: number) =>
  `$${(micro / 1e6).toLocaleString(undefined, { maximumFractionDigits: micro < 10_000 ? 6 : 2 })}`
const milliseconds = (value: number) => (value < 1000 ? `${whole.format(value)} ms` : `${(value / 1000).toFixed(1)} s`)

function chartsOf(buckets: readonly UsageBucket[]): ChartFacts[] {
  const times = buckets.map(({ at }) => Date.parse(at))
  const chart = (
    title: string,
    format: ChartFacts['format'],
    least: number,
    series: readonly Series[],
  ): ChartFacts => ({
    title,
    format,
    least,
    times,
    series,
    summary: series.map(({ label, values }) => rangeOf(label, values, format)).join('; '),
  })
  const amounts = (read: (usage: UsageBucket) => Amount) => buckets.map((bucket) => read(bucket).known)
  return [
    chart('Tokens', short.format, 10, [
      { label: 'in', colour: '--series-1', values: amounts(({ prompt_tokens }) => prompt_tokens) },
      { label: 'of them cached', colour: '--series-3', values: amounts(({ cached_tokens }) => cached_tokens) },
      { label: 'out', colour: '--series-2', values: amounts(({ completion_tokens }) => completion_tokens) },
    ]),
    chart('Cost', dollars, 10_000, [
      { label: 'US dollars', colour: '--series-1', values: amounts(({ cost_micro_usd }) => cost_micro_usd) },
    ]),
    chart('Latency', milliseconds, 10, [
      {
        label: 'half of the calls',
        colour: '--series-1',
        values: buckets.map(({ latency_ms }) => latency_ms?.half ?? null),
      },
      {
        label: '19 of 20 calls',
        colour: '--series-2',
        values: buckets.map(({ latency_ms }) => latency_ms?.most ?? null),
      },
    ]),
    chart('Calls', short.format, 4, [
      { label: 'calls', colour: '--series-1', values: buckets.map(({ calls }) => calls) },
    ]),
  ]
}

function rangeOf(label: string, values: readonly (number | null)[], format: (value: number) => string): string {
  const known = values.filter((value) => value !== null)
  return known.length === 0
    ? `${label}: unknown`
    : `${label}: ${format(Math.min(...known))} to ${format(Math.max(...known))}`
}

interface UsageRow {
  readonly key: string
  readonly head: preact.ComponentChild
  readonly usage: Usage
}

function UsageTable({
  caption,
  first,
  rows,
}: {
  readonly caption: string
  readonly first: string
  readonly rows: readonly UsageRow[]
}) {
  return (
    <table class="figures">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {[first, ...COLUMNS.map(([name]) => name)].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, head, usage }) => (
          <tr key={key}>
            <th scope="row">{head}</th>
            {COLUMNS.map(([name, textOf]) => (
              <td key={name} data-name={name}>
                {textOf(usage)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const COLUMNS: readonly (readonly [name: string, text: (usage: Usage) => string])[] = [
  ['Calls', ({ calls }) => whole.format(calls)],
  [
    'Tokens in',
    ({ prompt_tokens, estimated }) =>
      `${amountText(prompt_tokens, whole.format)}${estimated > 0 ? ` (${estimated} estimated)` : ''}`,
  ],
  ['Of them cached', ({ cached_tokens }) => amountText(cached_tokens, whole.format)],
  ['Tokens out', ({ completion_tokens }) => amountText(completion_tokens, whole.format)],
  ['Cost', ({ cost_micro_usd }) => amountText(cost_micro_usd, dollars)],
  ['Half of the calls', ({ latency_ms }) => (latency_ms ? milliseconds(latency_ms.half) : 'unknown')],
  ['19 of 20', ({ latency_ms }) => (latency_ms ? milliseconds(latency_ms.most) : 'unknown')],
]

function amountText({ known, unknown }: Amount, format: (value: number) => string): string {
  if (known === null) return 'unknown'
  return unknown === 0 ? format(known) : `${format(known)} + ${unknown} unknown`
}
