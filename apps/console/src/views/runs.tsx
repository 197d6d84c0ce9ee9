import { useEffect, useState } from 'preact/hooks'

import { RUN_STATES, type RunsPage, type RunsQuestion, type RunSummary } from '../api.ts'
import { useLiveLog } from '../live.ts'
import { Badge, Time } from '../parts/marks.tsx'
import { Empty, Failure } from '../parts/notices.tsx'
import { Text } from '../parts/text.tsx'
import type { Route } from '../router.ts'
import { useAnswer } from '../use-answer.ts'
import { RunView } from './run.tsx'

/** `#/runs`, and one of them at `#/runs/<id>`. */
export function RunsView({ route }: { readonly route: Route }) {
  return route.id === undefined ? <RunsList route={route} /> : <RunView key={route.id} id={route.id} />
}

function RunsList({ route }: { readonly route: Route }) {
  const state = RUN_STATES.find((name) => name === route.parameters.get('state'))
  const before = route.parameters.get('before') ?? undefined
  const [words, setWords] = useState('')
  const asked = useSettled(words.trim(), 200)
  const question: RunsQuestion = {
    ...(state && { state }),
    ...(asked !== '' && { words: asked }),
    ...(before !== undefined && { before }),
  }
  const { answer, error } = useAnswer<RunsPage>('/api/runs/list', question, useLiveLog().version)
  const isNarrowed = state !== undefined || asked !== ''
  return (
    <>
      <div class="view-head">
        <h1>Runs</h1>
        <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
          <label>
            State
            <select value={state ?? ''} onChange={({ currentTarget }) => go({ state: currentTarget.value })}>
              <option value="">all</option>
              {RUN_STATES.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="grows">
            Words of the question, or an id
            <input
              type="search"
              data-search
              value={words}
              maxLength={200}
              onInput={({ currentTarget }) => {
                setWords(currentTarget.value)
                if (before !== undefined) go({ state })
              }}
            />
          </label>
        </form>
      </div>
      {error && <Failure of={error} />}
      {!error && answer && (
        <>
          {answer.runs.length === 0 ? (
            <NoRuns isNarrowed={isNarrowed} page={answer} />
          ) : (
            <ul class="rows">
              {answer.runs.map((run) => (
                <RunRow key={run.run_id} run={run} />
              ))}
            </ul>
          )}
          <nav class="pages" aria-label="Pages">
            {before !== undefined && <a href={address({ state })}>Newest</a>}
            {answer.next !== null && <a href={address({ state, before: answer.next })}>Older</a>}
          </nav>
        </>
      )}
    </>
  )
}

function RunRow({ run }: { readonly run: RunSummary }) {
  return (
    <li>
      <a class="row" href={`#/runs/${run.run_id}`}>
        <Badge of={run.state} />
        <span class="row-title">
          <Text of={run.title} />
        </span>
        <span class="row-meta">
          <span>{run.parent_run === null ? run.command : 'child run'}</span>
          <code>{run.run_id.slice(0, 8)}</code>
          <Time at={run.started_at} />
        </span>
      </a>
    </li>
  )
}

function NoRuns({ isNarrowed, page }: { readonly isNarrowed: boolean; readonly page: RunsPage }) {
  if (!isNarrowed)
    return (
      <Empty title="No run yet">
        Run <code>ctxlock ask "How does this work?"</code> or <code>ctxlock run tasks/review.json</code>; it appears
        here while it happens.
      </Empty>
    )
  return page.next !== null ? (
    <Empty title={`None among ${page.looked_at} runs`}>Look further back with “Older”.</Empty>
  ) : (
    <Empty title="No run fits">Choose another state or fewer words.</Empty>
  )
}

interface Narrowed {
  readonly state?: string | undefined
  readonly before?: string
}

function address({ state, before }: Narrowed): string {
  const parameters = new URLSearchParams({ ...(state && { state }), ...(before && { before }) })
  return parameters.size === 0 ? '#/runs' : `#/runs?${parameters}`
}

function go(to: Narrowed): void {
  location.hash = address(to)
}

/** A value that has not changed for a while. */
function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}
