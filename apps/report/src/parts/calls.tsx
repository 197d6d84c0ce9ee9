import type { CallFacts, GuardFacts } from '../facts/call-facts.ts'
import { amount, dollars, many, moment } from './amounts.ts'
import { Badge, type Tone } from './badge.tsx'
import { Hash } from './hash.tsx'
import { Text } from './visible-text.tsx'

const OUTCOMES: Readonly<Record<string, Tone>> = { accepted: 'good', rejected: 'bad', failed: 'bad' }

/** Every call to a model: who answered, what it took, what the guards said, which packs were asked for and used. */
export function Calls({ calls }: { readonly calls: readonly CallFacts[] }) {
  return (
    <section aria-labelledby="calls">
      <h2 id="calls">Calls</h2>
      <p class="quiet">
        Prompts and replies are not in this file; their hashes are keyed, so that nobody can find a short text by
        trying.
      </p>
      {calls.length === 0 && <p class="quiet">No call was begun.</p>}
      {calls.map((call, at) => (
        <Call key={call.id} call={call} place={at + 1} />
      ))}
    </section>
  )
}

function Call({ call, place }: { readonly call: CallFacts; readonly place: number }) {
  const { outcome } = call
  return (
    <details class="call" open={place === 1}>
      <summary>
        <span class="place">{place}</span>
        <span class="model">
          <Text>{call.model}</Text> <span class="quiet">at</span> <Text>{call.provider}</Text>
        </span>
        <span class="quiet">
          {amount(call.promptTokens)} → {amount(call.completionTokens, ' tokens')}
        </span>
        <Badge tone={outcome === undefined ? 'warn' : (OUTCOMES[outcome] ?? 'warn')}>
          {outcome === undefined ? 'not settled' : outcome.replaceAll('_', ' ')}
        </Badge>
      </summary>
      <dl class="facts">
        <dt>Call</dt>
        <dd>
          <code>{call.id}</code>
        </dd>
        <dt>When</dt>
        <dd>{moment(call.at)}</dd>
        <dt>For</dt>
        <dd>
          <Text>{[call.microTask, call.role].filter((part) => part !== undefined).join(', ') || undefined}</Text>
        </dd>
        <dt>Answered by</dt>
        <dd>
          <Text>{call.effectiveModel}</Text> (<Text>{call.backend}</Text>)
        </dd>
        <dt>Tokens</dt>
        <dd>
          {amount(call.promptTokens)} in, of them {amount(call.cachedTokens)} cached, {amount(call.completionTokens)}{' '}
          out
          {call.usageSource === 'estimated' && ' (estimated)'}
        </dd>
        <dt>Latency</dt>
        <dd>{amount(call.latencyMs, ' ms')}</dd>
        <dt>Cost</dt>
        <dd>{dollars(call.costMicroUsd)}</dd>
        <dt>Sent</dt>
        <dd>{amount(call.payloadBytes, ' bytes')}</dd>
        <dt>Retrieval trace</dt>
        <dd>{traceText(call.trace)}</dd>
        {call.errorCode !== undefined && (
          <>
            <dt>Error</dt>
            <dd>
              <Text>{call.errorCode}</Text>
            </dd>
          </>
        )}
        <dt>Quotations</dt>
        <dd>{quotationText(call.quotations)}</dd>
        {call.packs.map(({ name, requested, effective }) => (
          <PackHashes key={name} name={name} requested={requested} effective={effective} />
        ))}
        {call.hashes.map(([name, hash]) => (
          <HashFact key={name} name={name} hash={hash} />
        ))}
      </dl>
      <Guards guards={call.guards} />
    </details>
  )
}

function PackHashes({ name, requested, effective }: CallFacts['packs'][number]) {
  const isSame = requested === effective
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Badge tone={isSame ? 'good' : 'warn'}>{isSame ? 'used as requested' : 'another one was used'}</Badge>{' '}
        <Hash>{effective}</Hash>
        {!isSame && (
          <>
            {' '}
            instead of <Hash>{requested}</Hash>
          </>
        )}
      </dd>
    </>
  )
}

function HashFact({ name, hash }: { readonly name: string; readonly hash: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Hash>{hash}</Hash>
      </dd>
    </>
  )
}

function traceText(trace: CallFacts['trace']): string {
  if (!trace) return 'not in this file'
  const { fields, bytes } = trace
  const [found, shown] = [fields.list('candidates').length, fields.list('spans').length]
  return `${many(found, 'candidate')}, ${many(shown, 'span')} shown; ${amount(bytes, ' bytes')}`
}

function quotationText(quotations: CallFacts['quotations']): string {
  if (!quotations) return 'none were checked'
  const { verified, repaired, failed } = quotations
  return `${verified} found word for word in the files, ${repaired} repaired, ${failed} failed`
}

const VERDICTS: Readonly<Record<string, Tone>> = { pass: 'good', fail: 'bad', degrade: 'warn' }

/** Those that found something by name; the others in one line. */
function Guards({ guards }: { readonly guards: readonly GuardFacts[] }) {
  const told = guards.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not_applicable')
  const passed = [...new Set(guards.filter(({ verdict }) => verdict === 'pass').map(({ name }) => name))]
  if (guards.length === 0) return <p class="quiet">No report of guards was recorded.</p>
  return (
    <div class="guards">
      <h3>Guards</h3>
      <ul>
        {told.map(({ name, verdict, code }, at) => (
          <li key={at}>
            <Badge tone={VERDICTS[verdict] ?? 'plain'}>{verdict}</Badge>{' '}
            <Text>{`${name}${code === undefined ? '' : `: ${code}`}`}</Text>
          </li>
        ))}
        <li>
          <Badge tone="good">pass</Badge> {many(passed.length, 'guard')}: <Text>{passed.join(', ')}</Text>
        </li>
      </ul>
    </div>
  )
}
