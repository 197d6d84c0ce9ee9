import type { RunDetail } from '../api.ts'
import { useLiveLog } from '../live.ts'
import { Badge, Command, Count, Time } from '../parts/marks.tsx'
import { Failure } from '../parts/notices.tsx'
import { Text } from '../parts/text.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { useAnswer } from '../use-answer.ts'

/** One run: where it stands, what it waits for with the exact commands, and its timeline as it grows. */
export function RunView({ id }: { readonly id: string }) {
  const { version, events, connection } = useLiveLog()
  const { answer: run, error } = useAnswer<RunDetail>(`/api/runs/${encodeURIComponent(id)}`, undefined, version)
  if (!run) return error ? <Failure of={error} /> : null
  return (
    <>
      <nav class="trail" aria-label="Where you are">
        <a href="#/runs">Runs</a>
      </nav>
      <div class="view-head">
        <h1>
          <Text of={run.title} />
        </h1>
        <p class="meta">
          <Badge of={run.state} /> {run.command} <code>{run.run_id.slice(0, 8)}</code> <Time at={run.started_at} />
          {run.cost !== null && <> · {run.cost}</>}
          {run.parent_run !== null && (
            <>
              {' · '}
              <a href={`#/runs/${run.parent_run}`}>of run {run.parent_run.slice(0, 8)}</a>
            </>
          )}
        </p>
      </div>
      <WhatNext run={run} />
      {run.micro_tasks.length > 0 && <MicroTasks run={run} />}
      {run.children.length > 0 && (
        <section aria-labelledby="children">
          <h2 id="children">Child runs</h2>
          <ul class="plain">
            {run.children.map((child) => (
              <li key={child.run_id}>
                <a href={`#/runs/${child.run_id}`}>
                  <code>{child.run_id.slice(0, 8)}</code>
                </a>{' '}
                <Badge of={child.state} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Timeline events={events} connection={connection} />
    </>
  )
}

function WhatNext({ run }: { readonly run: RunDetail }) {
  const { gate, consents, error, next, state } = run
  if (gate === null && consents.length === 0 && error === null && next.length === 0) return null
  const tone =
    state === 'failed' || state === 'poisoned'
      ? 'bad'
      : state === 'waiting' || state === 'interrupted'
        ? 'warn'
        : 'plain'
  return (
    <section class={`notice ${tone}`} aria-label="What to do next">
      {gate && (
        <p>
          Waits at {gate.mt_id}: <Text of={gate.why} />.
        </p>
      )}
      {consents.map(({ request_id, model_id, bytes }) => (
        <p key={request_id}>
          Waits for your consent to send <Count of={bytes} unit="bytes" /> to {model_id}:{' '}
          <a href={`#/approvals/${request_id}`}>look at the bytes and answer</a>.
        </p>
      ))}
      {error !== null && (
        <p>
          <Text of={error} />
        </p>
      )}
      {next.length > 0 && (
        <ul class="plain commands" aria-label="Commands">
          {next.map((command) => (
            <li key={command}>
              <Command of={command} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function MicroTasks({ run }: { readonly run: RunDetail }) {
  return (
    <section aria-labelledby="micro-tasks">
      <h2 id="micro-tasks">Micro-tasks</h2>
      <ol class="plain micro-tasks">
        {run.micro_tasks.map(({ mt_id, name, status, iterations, error }) => (
          <li key={mt_id}>
            <Badge of={status} /> <strong>{mt_id}</strong> <Text of={name} />{' '}
            <span class="quiet">
              {iterations} {iterations === 1 ? 'iteration' : 'iterations'}
              {error !== null && status !== 'completed' && (
                <>
                  : <Text of={error} />
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
