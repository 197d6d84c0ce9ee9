import { useState } from 'preact/hooks'

import type { ApprovalDetail, ApproveQuestion, DenyQuestion } from '../approval-api.ts'
import { ask, ClientError } from '../client.ts'
import { ConsentTerms, ONE_CALL } from './consent-terms.tsx'
import { Failure } from './notices.tsx'

interface DecisionProps {
  readonly approval: ApprovalDetail
  /** Where the answer is sent to. */
  readonly path: string
  readonly onDecided: (approval: ApprovalDetail) => void
}

/** A person's answer to the bytes above it: a yes names the hash they have, a no may give a reason. */
export function Decision({ approval, path, onDecided }: DecisionProps) {
  const [failure, setFailure] = useState<ClientError | undefined>(undefined)
  const [isSent, setSent] = useState(false)
  const answer = (way: 'approve' | 'deny', question: ApproveQuestion | DenyQuestion) => {
    setSent(true)
    ask<ApprovalDetail>(`${path}/${way}`, question).then(onDecided, (error: unknown) => {
      setSent(false)
      if (error instanceof ClientError) setFailure(error)
    })
  }
  return (
    <section class="decision" aria-labelledby="decision">
      <h2 id="decision">Your answer</h2>
      <div class="answers">
        <Yes approval={approval} isSent={isSent} onAnswer={(question) => answer('approve', question)} />
        <No isSent={isSent} onAnswer={(question) => answer('deny', question)} />
      </div>
      {failure && <Failure of={failure} />}
    </section>
  )
}

interface AnswerProps<Question> {
  readonly isSent: boolean
  readonly onAnswer: (question: Question) => void
}

function Yes({
  approval,
  isSent,
  onAnswer,
}: AnswerProps<ApproveQuestion> & { readonly approval: DecisionProps['approval'] }) {
  const [hash, setHash] = useState('')
  const [terms, setTerms] = useState(ONE_CALL)
  const named = hash.trim().toLowerCase()
  const isNamed = named.length >= approval.digits && approval.sha256.startsWith(named)
  const isOneCall = terms.scope === 'call'
  const isComplete = isNamed && (terms.scope !== 'broadcast' || (terms.with ?? []).length > 0)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isComplete) onAnswer({ hash: named, ...terms })
      }}
    >
      <ConsentTerms approval={approval} terms={terms} onChange={setTerms} />
      <label>
        Type <code>{approval.sha256.slice(0, approval.digits)}</code>, the beginning of the hash, to approve{' '}
        {isOneCall ? 'exactly these bytes, once' : 'these bytes and what is covered beside them'}
        <input
          value={hash}
          onInput={({ currentTarget }) => setHash(currentTarget.value)}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={64}
          aria-describedby="approve-note"
        />
      </label>
      <button type="submit" class="primary" disabled={!isComplete || isSent || 'error' in approval.shown}>
        Approve
      </button>
      <p id="approve-note" class="quiet">
        {isOneCall && 'Holds for fifteen minutes and one call. '}Nothing is sent until the run goes on.
      </p>
    </form>
  )
}

function No({ isSent, onAnswer }: AnswerProps<DenyQuestion>) {
  const [reason, setReason] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onAnswer(reason.trim() === '' ? {} : { reason: reason.trim() })
      }}
    >
      <label>
        Why not (kept with the answer)
        <input value={reason} maxLength={512} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
      </label>
      <button type="submit" class="danger" disabled={isSent}>
        Deny
      </button>
      <p class="quiet">These bytes are refused in this run for good.</p>
    </form>
  )
}
