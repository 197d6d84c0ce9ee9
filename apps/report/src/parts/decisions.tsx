import type { DecisionFacts } from '../facts/decision-facts.ts'
import { moment } from './amounts.ts'
import { Badge } from './badge.tsx'
import { Text } from './visible-text.tsx'

/** What was decided, by whom; people's answers and their receipts among it. */
export function Decisions({ decisions }: { readonly decisions: readonly DecisionFacts[] }) {
  return (
    <section aria-labelledby="decisions">
      <h2 id="decisions">Decisions, receipts and findings</h2>
      {decisions.length === 0 && <p class="quiet">None were recorded.</p>}
      <ol class="timeline">
        {decisions.map(({ seq, at, by, what, tone }) => (
          <li key={seq}>
            <a href={`#event-${seq}`}>{seq}</a>
            <span class="what">
              <Badge tone={tone}>
                <Text>{by}</Text>
              </Badge>{' '}
              <Text>{what}</Text>
            </span>
            <time class="quiet" dateTime={at}>
              {moment(at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  )
}
