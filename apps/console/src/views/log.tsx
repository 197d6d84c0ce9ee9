import { useEffect, useState } from 'preact/hooks'

import type { Tone } from '../api.ts'
import { ask, ClientError } from '../client.ts'
import { useLiveLog } from '../live.ts'
import { Facts } from '../parts/facts.tsx'
import { Badge, Command, Count, Time } from '../parts/marks.tsx'
import { Failure } from '../parts/notices.tsx'
import { Text } from '../parts/text.tsx'
import type { LogHealth, Verification } from '../record-api.ts'
import { useAnswer } from '../use-answer.ts'

const LOOK_AGAIN_MS = 500

/** `#/log`: how long the log is, what signs and keeps it, and whether it is whole. */
export function LogView() {
  const [asked, setAsked] = useState(0)
  const [failure, setFailure] = useState<ClientError>()
  const { answer, error } = useAnswer<LogHealth>('/api/log', undefined, useLiveLog().version + asked)
  const isVerifying = answer?.is_verifying === true
  useEffect(() => {
    if (!isVerifying) return
    const timer = setTimeout(() => setAsked((count) => count + 1), LOOK_AGAIN_MS)
    return () => clearTimeout(timer)
  }, [isVerifying, asked])
  const verify = () =>
    ask('/api/log/verify', {}).then(
      () => setAsked((count) => count + 1),
      (reason: unknown) => reason instanceof ClientError && setFailure(reason),
    )
  const problem = failure ?? error
  return (
    <>
      <div class="view-head">
        <h1>Log</h1>
        <p class="meta">
          Every event is a leaf of one signed tree. Figures are what the log says of itself; verifying says what of it
          is true.
        </p>
      </div>
      {problem && <Failure of={problem} />}
      {answer && (
        <>
          <Figures of={answer} />
          <section>
            <div class="section-head">
              <h2>Verification</h2>
              <button type="button" disabled={isVerifying} onClick={() => void verify()}>
                {isVerifying ? 'Verifying …' : 'Verify now'}
              </button>
            </div>
            <div role="status">
              {answer.verification ? (
                <Verified of={answer.verification} />
              ) : (
                <p class="quiet">
                  Not verified since this console was started. It reads the whole log and every object, which may take
                  minutes. In a terminal: <Command of="ctxlock verify" />
                </p>
              )}
            </div>
          </section>
        </>
      )}
    </>
  )
}

function Figures({ of: { events, outside, checkpoint, checkpoints, bytes, public_key } }: { readonly of: LogHealth }) {
  const unsigned = events - (checkpoint?.size ?? 0)
  return (
    <Facts
      inPairs
      of={[
        ['Events', <Count of={events} />],
        ['Texts erased or sealed', <Count of={outside} />],
        [
          'Newest checkpoint',
          checkpoint ? (
            <>
              <Count of={checkpoint.size} unit="events" /> {checkpoint.at !== null && <Time at={checkpoint.at} />}
            </>
          ) : (
            'none yet'
          ),
        ],
        ['Not signed yet', unsigned > 0 ? <Badge of={`${unsigned} events`} tone="warn" /> : 'nothing'],
        ['Checkpoints', <Count of={checkpoints} />],
        ['Database', sizeText(bytes.database)],
        ['Objects beside it', sizeText(bytes.objects)],
        ['Sealed segments', sizeText(bytes.segments)],
        ['Vault', sizeText(bytes.vault)],
        [
          'Public key',
          public_key === null ? 'none of yours: checkpoints cannot be checked' : <code class="hash">{public_key}</code>,
        ],
      ]}
    />
  )
}

const VERDICTS: Readonly<Record<Verification['verdict'], { readonly tone: Tone; readonly means: string }>> = {
  intact: { tone: 'good', means: 'Nothing was changed, and an anchor outside the database confirms all of it.' },
  unanchored: {
    tone: 'warn',
    means: 'Nothing contradicts the log; what is not anchored is confirmed by nothing outside the database.',
  },
  incomplete: {
    tone: 'warn',
    means: 'The log is whole; a run in it has no end, because it was interrupted or goes on.',
  },
  broken: {
    tone: 'bad',
    means: 'Something was changed, removed or added. Keep the state folder as it is and look at what is named.',
  },
  failed: { tone: 'bad', means: 'It could not be verified.' },
}

const RANGES: Readonly<Record<string, { readonly tone: Tone; readonly name: string }>> = {
  intact: { tone: 'good', name: 'intact and anchored' },
  unanchored: { tone: 'warn', name: 'intact, not anchored' },
  erased: { tone: 'plain', name: 'text erased by order' },
  broken: { tone: 'bad', name: 'broken' },
  missing: { tone: 'bad', name: 'missing from the end' },
}

function Verified({ of }: { readonly of: Verification }) {
  const { tone, means } = VERDICTS[of.verdict]
  return (
    <>
      <p>
        <Badge of={of.verdict} tone={tone} /> {means}
      </p>
      <p class="quiet">
        <Time at={of.at} />, in {of.seconds} s
      </p>
      {of.problems.length > 0 && (
        <ul class="problems">
          {of.problems.map((problem) => (
            <li key={problem}>
              <Text of={problem} />
            </li>
          ))}
        </ul>
      )}
      <Stretches of={of.ranges} />
      <Facts
        of={[
          ...of.anchors.map(
            ({ anchor, state, size }) =>
              [`Anchor ${anchor}`, `${state.replaceAll('_', ' ')}${size === null ? '' : `, ${size} events`}`] as const,
          ),
          ['Runs', `${of.runs}, of them ${of.incomplete_runs} without an end`],
          [
            'Objects',
            of.objects
              ? `${of.objects.checked} checked, ${of.objects.missing} missing, ${of.objects.edited} edited`
              : 'not looked at',
          ],
        ]}
      />
    </>
  )
}

/** The log from its first event to its last, by what was found. */
function Stretches({ of }: { readonly of: Verification['ranges'] }) {
  if (of.length === 0) return null
  return (
    <div class="stretches">
      <div class="bar" aria-hidden="true">
        {of.map(({ state, from, to }) => (
          <span key={from} class={RANGES[state]?.tone} style={{ flexGrow: to - from + 1 }} />
        ))}
      </div>
      <ul>
        {of.map(({ state, from, to }) => (
          <li key={from}>
            <Badge of={RANGES[state]?.name ?? state} tone={RANGES[state]?.tone ?? 'plain'} />{' '}
            <span class="number">
              {from}–{to}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function sizeText(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ['kB', bytes / 1e3] : bytes < 1e9 ? ['MB', bytes / 1e6] : ['GB', bytes / 1e9]
  return `${size.toLocaleString(undefined, { maximumFractionDigits: 1 })} ${unit}`
}
