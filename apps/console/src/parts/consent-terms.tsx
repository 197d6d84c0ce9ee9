import { CONSENT_SCOPES, type ApprovalDetail, type ApproveQuestion, type ConsentScope } from '../approval-api.ts'
import { Count } from './marks.tsx'
import { Text } from './text.tsx'

/** What a yes is to cover, as far as it is filled in. */
export type Terms = Omit<ApproveQuestion, 'hash'>

export const ONE_CALL: Terms = { scope: 'call' }

interface TermsProps {
  readonly approval: Pick<ApprovalDetail, 'others' | 'wp_id'>
  readonly terms: Terms
  readonly onChange: (terms: Terms) => void
}

/** The scopes of `ctxlock consent approve`. A wider one states both of its limits: nothing is unlimited by default. */
export function ConsentTerms({ approval, terms, onChange }: TermsProps) {
  const { scope = 'call' } = terms
  const names: Readonly<Record<ConsentScope, string>> = {
    call: 'exactly these bytes, once',
    session: 'further calls of this session too',
    'work-packet': `further calls of the work packet ${approval.wp_id} too`,
    broadcast: 'the sessions of other requests too',
  }
  const offered = CONSENT_SCOPES.filter((name) => name !== 'broadcast' || approval.others.length > 0)
  const choose = (name: string) => {
    const chosen = offered.find((other) => other === name) ?? 'call'
    onChange(chosen === 'call' ? ONE_CALL : { minutes: 15, ...terms, scope: chosen, with: [] })
  }
  return (
    <>
      <label>
        What it covers
        <select value={scope} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {offered.map((name) => (
            <option key={name} value={name}>
              {names[name]}
            </option>
          ))}
        </select>
      </label>
      {scope === 'broadcast' && <OtherRequests approval={approval} terms={terms} onChange={onChange} />}
      {scope !== 'call' && <Limits terms={terms} onChange={onChange} />}
    </>
  )
}

function OtherRequests({ approval, terms, onChange }: TermsProps) {
  const chosen = terms.with ?? []
  return (
    <fieldset>
      <legend>Whose sessions it covers beside this one</legend>
      {approval.others.map(({ request_id, title, bytes }) => (
        <label key={request_id} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(request_id)}
            onChange={({ currentTarget }) =>
              onChange({
                ...terms,
                with: [...chosen.filter((id) => id !== request_id), ...(currentTarget.checked ? [request_id] : [])],
              })
            }
          />
          <span>
            <a href={`#/approvals/${request_id}`}>{request_id.slice(0, 8)}</a> <Text of={title} />,{' '}
            <Count of={bytes} unit="bytes" />
          </span>
        </label>
      ))}
    </fieldset>
  )
}

const LIMITS = [
  { name: 'max_calls', label: 'Calls at most' },
  { name: 'max_bytes', label: 'Bytes in all of them' },
  { name: 'minutes', label: 'Minutes' },
] as const

function Limits({ terms, onChange }: Omit<TermsProps, 'approval'>) {
  return (
    <>
      <div class="limits">
        {LIMITS.map(({ name, label }) => (
          <label key={name}>
            {label}
            <input
              type="number"
              min={1}
              step={1}
              required
              value={terms[name] ?? ''}
              onInput={({ currentTarget }) => onChange({ ...terms, [name]: currentTarget.valueAsNumber })}
            />
          </label>
        ))}
      </div>
      <p class="quiet">
        The bytes of further calls are not shown to you before: any lines of the sources as they are now, to the same
        model at the same place. An edited source, another model or a limit that is reached asks anew.
      </p>
    </>
  )
}
