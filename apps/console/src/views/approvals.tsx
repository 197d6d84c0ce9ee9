import type { ApprovalSummary } from '../approval-api.ts'
import { useLiveLog } from '../live.ts'
import { Badge, Count, Time } from '../parts/marks.tsx'
import { Empty, Failure } from '../parts/notices.tsx'
import { Text } from '../parts/text.tsx'
import type { Route } from '../router.ts'
import { useAnswer } from '../use-answer.ts'
import { ApprovalView } from './approval.tsx'

/** `#/approvals`, and one of them at `#/approvals/<id>`. */
export function ApprovalsView({ route }: { readonly route: Route }) {
  return route.id === undefined ? <ApprovalsList /> : <ApprovalView key={route.id} id={route.id} />
}

function ApprovalsList() {
  const { answer, error } = useAnswer<readonly ApprovalSummary[]>('/api/approvals', undefined, useLiveLog().version)
  return (
    <>
      <div class="view-head">
        <h1>Approvals</h1>
      </div>
      {answer ? <Requests of={answer} /> : error && <Failure of={error} />}
    </>
  )
}

function Requests({ of }: { readonly of: readonly ApprovalSummary[] }) {
  const waiting = of.filter(({ state }) => state === 'waiting')
  const answered = of.filter(({ state }) => state !== 'waiting')
  return (
    <>
      {waiting.length === 0 ? (
        <Empty title="Nothing waits for you">
          No bytes leave for a cloud model without a person’s yes. When a run asks, the exact bytes stand here.
        </Empty>
      ) : (
        <ul class="rows">
          {waiting.map((approval) => (
            <ApprovalRow key={approval.request_id} approval={approval} />
          ))}
        </ul>
      )}
      {answered.length > 0 && (
        <section aria-labelledby="answered">
          <h2 id="answered">Answered</h2>
          <ul class="rows">
            {answered.map((approval) => (
              <ApprovalRow key={approval.request_id} approval={approval} />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function ApprovalRow({ approval }: { readonly approval: ApprovalSummary }) {
  const { request_id, state, title, bytes, origin, model_ids, created_at } = approval
  return (
    <li>
      <a class="row" href={`#/approvals/${request_id}`}>
        <Badge of={state} />
        <span class="row-title">
          <Text of={title} />
        </span>
        <span class="row-meta">
          <Count of={bytes} unit="bytes" />
          <span>
            to <Text of={`${model_ids.join(', ')} at ${origin}`} />
          </span>
          <Time at={created_at} />
        </span>
      </a>
    </li>
  )
}
