import type { CallDetail, GuardHook, Tone } from '../api.ts'
import { Badge, Count, Hash } from './marks.tsx'
import { Text } from './text.tsx'

interface OfCall {
  readonly call: CallDetail
}

/** Files with the lines that were shown, how they stand now, and what was left out for which reason. */
export function CallSources({ call }: OfCall) {
  return (
    <section aria-labelledby="sources">
      <h2 id="sources">Sources</h2>
      {call.sources.length === 0 && <p class="quiet">This call was shown no source.</p>}
      <ul class="plain sources">
        {call.sources.map(({ path, hash, now, lines }) => (
          <li key={path}>
            <p>
              <strong>
                <Text of={path} />
              </strong>{' '}
              <Badge of={now === 'unchanged' ? 'unchanged since' : now} tone={now === 'unchanged' ? 'good' : 'warn'} />{' '}
              <Hash of={hash} />
            </p>
            <p class="quiet">
              {lines
                .map(({ start, end, tokens, cut }) => `lines ${start}–${end} (${tokens} tokens${cut ? ', cut' : ''})`)
                .join(', ')}
            </p>
          </li>
        ))}
      </ul>
      {call.left_out.length > 0 && (
        <details>
          <summary>{call.left_out.length} candidates were left out</summary>
          <ul class="plain">
            {call.left_out.map(({ source, lines, reason }, index) => (
              <li key={index}>
                <Text of={`${source} ${lines}`} />: <Text of={reason} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {call.stale.map(({ target, reason, outcome }) => (
        <p key={target} class="quiet">
          Pack of <Text of={target} /> was stale: {reason}, {outcome}.
        </p>
      ))}
      <details>
        <summary>{call.rules.length} strict rules were in force</summary>
        <ul class="plain">
          {call.rules.map(({ rule_id, severity, text, source }) => (
            <li key={rule_id}>
              <Badge of={severity} tone="plain" /> <Text of={text} />{' '}
              {source !== null && (
                <span class="quiet">
                  <Text of={source} />
                </span>
              )}
            </li>
          ))}
        </ul>
      </details>
      {call.warnings.map((warning) => (
        <p key={warning} class="quiet">
          <Text of={warning} />
        </p>
      ))}
    </section>
  )
}

const TONES: Readonly<Record<string, Tone>> = { pass: 'good', fail: 'bad', degrade: 'warn' }

/** What each guard said at each hook, and what was found. */
export function CallGuards({ call }: OfCall) {
  return (
    <section aria-labelledby="guards">
      <h2 id="guards">Guards</h2>
      {call.findings.length === 0 ? (
        <p class="quiet">Nothing was found.</p>
      ) : (
        <ul class="plain">
          {call.findings.map(({ kind, what, where }, index) => (
            <li key={index}>
              <Badge of={kind} tone={kind === 'waived' ? 'warn' : 'bad'} /> <Text of={what} />, <Text of={where} />
            </li>
          ))}
        </ul>
      )}
      <div class="scrolls" tabIndex={0} role="region" aria-label="Verdicts of the guards">
        <table class="guards">
          <thead>
            <tr>
              <th scope="col">Guard</th>
              {call.guards.map(({ hook }) => (
                <th key={hook} scope="col">
                  at the {hook}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {guardNames(call).map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {call.guards.map(({ hook, guards }) => (
                  <td key={hook}>
                    <Verdict of={guards.find((guard) => guard.name === name)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function guardNames({ guards }: CallDetail): string[] {
  return [...new Set(guards.flatMap((hook) => hook.guards.map(({ name }) => name)))]
}

function Verdict({ of }: { readonly of: GuardHook['guards'][number] | undefined }) {
  if (of === undefined || of.verdict === 'not_applicable') return <span class="quiet">not applicable</span>
  return (
    <>
      <Badge of={of.verdict} tone={TONES[of.verdict] ?? 'plain'} />{' '}
      <span class="quiet number">
        {of.code ?? ''} {of.milliseconds.toFixed(1)} ms
      </span>
    </>
  )
}

/** What was asked for and what took effect, and what the prompt hashed to. */
export function CallHashes({ call }: OfCall) {
  return (
    <section aria-labelledby="hashes">
      <h2 id="hashes">Hashes</h2>
      <div class="scrolls" tabIndex={0} role="region" aria-label="Hashes of packs">
        <table>
          <thead>
            <tr>
              <th scope="col">Pack</th>
              <th scope="col">Requested</th>
              <th scope="col">Effective</th>
              <th scope="col">
                <span class="visually-hidden">Verdict</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {call.packs.map(({ pack, requested, effective }) => (
              <tr key={pack}>
                <th scope="row">{pack}</th>
                <td>
                  <Hash of={requested} />
                </td>
                <td>
                  <Hash of={effective} />
                </td>
                <td>
                  {requested === effective ? <Badge of="as requested" tone="good" /> : <Badge of="other" tone="warn" />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="plain hashes">
        {call.hashes.map(({ name, hash }) => (
          <li key={name}>
            {name} <Hash of={hash} digits={64} />
          </li>
        ))}
      </ul>
      <details>
        <summary>How the work unit divides its tokens</summary>
        <ul class="plain">
          {call.allocation.map(({ section, tokens }) => (
            <li key={section}>
              {section}: at most <Count of={tokens} />
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}
