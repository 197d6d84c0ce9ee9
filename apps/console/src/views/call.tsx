import { useState } from 'preact/hooks'

import type { CallDetail, ShownBytes } from '../api.ts'
import { BudgetBars } from '../parts/budget-bar.tsx'
import { CallGuards, CallHashes, CallSources } from '../parts/call-sections.tsx'
import { Facts } from '../parts/facts.tsx'
import { Badge, Count, Hash, Time } from '../parts/marks.tsx'
import { Empty, Failure } from '../parts/notices.tsx'
import { ShownBytesPanel } from '../parts/shown-bytes.tsx'
import { Text } from '../parts/text.tsx'
import type { Route } from '../router.ts'
import { useAnswer } from '../use-answer.ts'

/** `#/calls/<id>`: what one call saw, and why. */
export function CallView({ route }: { readonly route: Route }) {
  if (route.id === undefined) return <Empty title="Which call?">Open a run and choose a call in its timeline.</Empty>
  return <OneCall key={route.id} id={route.id} />
}

function OneCall({ id }: { readonly id: string }) {
  const { answer: call, error } = useAnswer<CallDetail>(`/api/calls/${encodeURIComponent(id)}`)
  if (!call) return error ? <Failure of={error} /> : null
  return (
    <>
      <nav class="trail" aria-label="Where you are">
        <a href="#/runs">Runs</a> / <a href={`#/runs/${call.run_id}`}>{call.run_id.slice(0, 8)}</a>
      </nav>
      <div class="view-head">
        <h1>
          Call <code>{call.call_id.slice(0, 8)}</code>
        </h1>
        <p class="meta">
          {call.outcome !== null && <Badge of={call.outcome} />} {call.step_id} <Time at={call.created_at} />
        </p>
      </div>
      {call.missing.length > 0 && (
        <div class="notice warn">
          <p>The log does not have: {call.missing.join(', ')}.</p>
        </div>
      )}
      <CallFacts call={call} />
      <section aria-labelledby="budget">
        <h2 id="budget">What the model saw</h2>
        <BudgetBars call={call} />
        <Segments call={call} place="prefix" title="Stable prefix" />
        <Segments call={call} place="suffix" title="Variable suffix" />
      </section>
      <CallSources call={call} />
      <CallGuards call={call} />
      <CallHashes call={call} />
      <BytesOnRequest id={id} size={call.payload_bytes} />
    </>
  )
}

function CallFacts({ call }: { readonly call: CallDetail }) {
  const { usage, quotations } = call
  const isOther = call.effective_model_id !== null && call.effective_model_id !== call.model_id
  return (
    <Facts
      inPairs
      of={[
        ['Model', isOther ? `${call.model_id} asked for, ${call.effective_model_id} answered` : call.model_id],
        ['Provider', `${call.provider_id}${call.backend === null ? '' : `, ${call.backend}`}`],
        ['Role', call.role],
        [
          'Tokens',
          usage === null ? (
            'not recorded'
          ) : (
            <>
              <Count of={usage.prompt_tokens} /> in
              {usage.cached_prompt_tokens !== null && (
                <>
                  {' '}
                  (<Count of={usage.cached_prompt_tokens} /> from the provider’s cache)
                </>
              )}
              , <Count of={usage.completion_tokens} /> out, {usage.source}
            </>
          ),
        ],
        ['Time', usage && usage.latency_ms !== null ? <Count of={usage.latency_ms} unit="ms" /> : 'not recorded'],
        [
          'Cost',
          usage && usage.cost_micro_usd !== null ? `${(usage.cost_micro_usd / 1_000_000).toFixed(6)} USD` : 'not known',
        ],
        [
          'Quotations',
          quotations === null
            ? 'none checked'
            : `${quotations.verified + quotations.repaired} stand in the sources, ${quotations.failed} do not`,
        ],
      ]}
    />
  )
}

interface SegmentsOfPlace {
  readonly call: CallDetail
  readonly place: 'prefix' | 'suffix'
  readonly title: string
}

function Segments({ call, place, title }: SegmentsOfPlace) {
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Segment</th>
            <th scope="col" class="right">
              Tokens
            </th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
          {call.segments
            .filter((segment) => segment.place === place)
            .map(({ segment, tokens, hash }, index) => (
              <tr key={index}>
                <td>
                  <Text of={segment} />
                </td>
                <td class="right">
                  <Count of={tokens} />
                </td>
                <td>
                  <Hash of={hash} />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}

/** Put together again only when a person asks: it reads every source of the call. */
function BytesOnRequest({ id, size }: { readonly id: string; readonly size: number }) {
  const [isAsked, setAsked] = useState(false)
  return (
    <section aria-labelledby="bytes">
      <h2 id="bytes">The exact bytes</h2>
      {isAsked ? (
        <Bytes id={id} />
      ) : (
        <p>
          <button type="button" onClick={() => setAsked(true)}>
            Put the <Count of={size} unit="bytes" /> together again
          </button>
        </p>
      )}
    </section>
  )
}

function Bytes({ id }: { readonly id: string }) {
  const { answer, error } = useAnswer<ShownBytes>(`/api/calls/${encodeURIComponent(id)}/bytes`)
  if (error) return <Failure of={error} />
  return answer ? <ShownBytesPanel shown={answer} label="What was sent" /> : null
}
