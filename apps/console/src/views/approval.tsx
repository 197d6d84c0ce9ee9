import { useState } from 'preact/hooks'

import type { ApprovalAnswer, ApprovalDetail } from '../approval-api.ts'
import { useLiveLog } from '../live.ts'
import { Decision } from '../parts/decision.tsx'
import { Facts } from '../parts/facts.tsx'
import { Badge, Command, Count, Hash, Time } from '../parts/marks.tsx'
import { Failure } from '../parts/notices.tsx'
import { ShownBytesPanel } from '../parts/shown-bytes.tsx'
import { Text } from '../parts/text.tsx'
import { useAnswer } from '../use-answer.ts'

/** One request for consent: where the bytes would go, what they are, and a person's answer to exactly them. */
export function ApprovalView({ id }: { readonly id: string }) {
  const path = `/api/approvals/${encodeURIComponent(id)}`
  const { answer, error } = useAnswer<ApprovalDetail>(path, undefined, useLiveLog().version)
  const [decided, setDecided] = useState<ApprovalDetail | undefined>(undefined)
  // What the server answered to the decision, until the log says the same.
  const approval = answer?.state === 'waiting' && decided ? decided : answer
  if (!approval) return error ? <Failure of={error} /> : null
  const { shown } = approval
  return (
    <>
      <nav class="trail" aria-label="Where you are">
        <a href="#/approvals">Approvals</a>
      </nav>
      <div class="view-head">
        <h1>
          {approval.state === 'waiting' ? 'Send ' : ''}
          <Count of={approval.bytes} unit="bytes" /> to <Text of={approval.model_ids.join(', ')} />
          {approval.state === 'waiting' ? '?' : ''}
        </h1>
        <p class="meta">
          <Badge of={approval.state} /> <Text of={approval.title} /> <Time at={approval.created_at} />{' '}
          <a href={`#/runs/${approval.run_id}`}>run {approval.run_id.slice(0, 8)}</a>
        </p>
      </div>
      {approval.answer && <Answered approval={approval} />}
      <ApprovalFacts approval={approval} />
      <section aria-labelledby="bytes">
        <h2 id="bytes">The exact bytes</h2>
        {'error' in shown ? <Failure of={shown.error} /> : <ShownBytesPanel shown={shown} label="What would be sent" />}
      </section>
      {approval.state === 'waiting' && <Decision approval={approval} path={path} onDecided={setDecided} />}
    </>
  )
}

function ApprovalFacts({ approval }: { readonly approval: ApprovalDetail }) {
  const { redactions, estimated_cost_usd, estimated_tokens, sources, own_bytes } = approval
  return (
    <Facts
      of={[
        ['To', <Text key="to" of={approval.origin} />],
        ['Provider', approval.provider_id],
        ['Model', approval.model_ids.join(', ')],
        ['Why', approval.reason.replaceAll('_', ' ')],
        [
          'Sources',
          <ul key="sources" class="plain">
            {sources.map(({ path, bytes, lines }) => (
              <li key={path}>
                <Text of={path} /> <span class="quiet">lines {lines}, </span>
                <Count of={bytes} unit="bytes" />
              </li>
            ))}
            <li>
              rules, task, question and the JSON around them <Count of={own_bytes} unit="bytes" />
            </li>
          </ul>,
        ],
        ['Redacted', redactions.length === 0 ? 'nothing' : redactions.join(', ')],
        [
          'Cost',
          <>
            {estimated_cost_usd === null
              ? 'not known: the config names no price for this model'
              : `about ${Number(estimated_cost_usd.toPrecision(2))} US dollars`}
            {estimated_tokens !== null && (
              <>
                , about <Count of={estimated_tokens} unit="tokens" /> to send
              </>
            )}
          </>,
        ],
        ['SHA-256', <Hash key="hash" of={approval.sha256} digits={64} />],
      ]}
    />
  )
}

function Answered({ approval }: { readonly approval: ApprovalDetail }) {
  const { answer, resume, state } = approval
  if (!answer) return null
  return (
    <section class={`notice ${answer.approved ? 'good' : 'bad'}`} role="status">
      <p>
        {answer.approved ? 'Approved' : 'Denied'} by {answer.by}, <Time at={answer.at} />.
        {answer.notes !== null && (
          <>
            {' '}
            “<Text of={answer.notes} />”
          </>
        )}
      </p>
      {answer.approved && <Covered by={answer} />}
      {state === 'approved' && (
        <p>
          The run goes on with <Command of={resume} />
        </p>
      )}
    </section>
  )
}

const COVERED: Readonly<Record<string, string>> = {
  SINGLE_CALL: 'Covers exactly these bytes, once',
  SESSION_SCOPED: 'Covers further calls of this session',
  WP_SCOPED: 'Covers further calls of this work packet',
  BROADCAST_SCOPED: 'Covers further calls of the sessions that were named',
}

/** What a receipt says of itself. */
function Covered({ by }: { readonly by: ApprovalAnswer }) {
  return (
    <p>
      {COVERED[by.scope] ?? by.scope}
      {by.most_calls !== null && by.most_bytes !== null && (
        <>
          , at most <Count of={by.most_calls} unit="calls" /> and <Count of={by.most_bytes} unit="bytes" /> in all
        </>
      )}
      {by.until !== null && (
        <>
          , until <Time at={by.until} />
        </>
      )}
      .
    </p>
  )
}
