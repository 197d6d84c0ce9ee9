import type { CallDetail, PromptSegment } from '../api.ts'
import { Count } from './marks.tsx'
import { Text } from './text.tsx'

type Place = PromptSegment['place']

const PLACES = [
  { place: 'prefix', title: 'Stable prefix' },
  { place: 'suffix', title: 'Variable suffix' },
] as const

/** How the token budgets of a call were spent, both drawn to one scale; the legend says the same in words. */
export function BudgetBars({ call }: { readonly call: Pick<CallDetail, 'segments' | 'budgets'> }) {
  const { budgets } = call
  const scale = Math.max(budgets.prefix, budgets.suffix, 1)
  return (
    <figure class="budget">
      {PLACES.map(({ place, title }) => (
        <Bar key={place} place={place} title={title} call={call} scale={scale} />
      ))}
      <figcaption class="quiet">
        Together at most <Count of={budgets.total} unit="tokens" />, estimated by <code>{budgets.counter}</code>.
      </figcaption>
    </figure>
  )
}

interface BarProps {
  readonly place: Place
  readonly title: string
  readonly call: Pick<CallDetail, 'segments' | 'budgets'>
  readonly scale: number
}

function Bar({ place, title, call, scale }: BarProps) {
  const budget = call.budgets[place]
  const parts = partsOf(call.segments.filter((segment) => segment.place === place))
  const used = parts.reduce((sum, { tokens }) => sum + tokens, 0)
  const percent = (tokens: number, of: number) => `${(100 * tokens) / of}%`
  return (
    <div class="budget-row">
      <p>
        <strong>{title}</strong> <Count of={used} /> of <Count of={budget} unit="tokens" />
      </p>
      <div
        class="bar"
        role="img"
        aria-label={`${title}: ${used} of ${budget} tokens`}
        style={{ width: percent(budget, scale) }}
      >
        {parts.map(({ name, tokens, series }) => (
          <span key={name} class={series} style={{ width: percent(tokens, Math.max(budget, used, 1)) }} />
        ))}
      </div>
      <ul class="legend">
        {parts.map(({ name, tokens, series }) => (
          <li key={name}>
            <span class={`swatch ${series}`} aria-hidden="true" />
            <Text of={name} /> <Count of={tokens} />
          </li>
        ))}
      </ul>
    </div>
  )
}

const SERIES: Readonly<Record<string, string>> = {
  rules: 'series-1',
  task: 'series-3',
  sources: 'series-2',
  question: 'series-1',
}

/** Sources are one part of a bar; each has a row of its own further down. */
function partsOf(segments: readonly PromptSegment[]) {
  const parts = new Map<string, { name: string; tokens: number; series: string }>()
  for (const { segment, tokens } of segments) {
    const name = segment.startsWith('source ') ? 'sources' : segment
    const part = parts.get(name)
    if (part) part.tokens += tokens
    else parts.set(name, { name, tokens, series: SERIES[name] ?? 'series-4' })
  }
  return [...parts.values()]
}
