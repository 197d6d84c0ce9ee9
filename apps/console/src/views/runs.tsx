import type { RunsPage } from '../api.ts'
import { useAnswer } from '../use-answer.ts'

export function RunsView() {
  const { answer, error } = useAnswer<RunsPage>('/api/runs/list', {})
  if (error) return <p role="alert">{error.message}</p>
  return (
    <>
      <h1>Runs</h1>
      <ul>
        {answer?.runs.map(({ run_id, state, title }) => (
          <li key={run_id}>
            {run_id.slice(0, 8)} {state} {title}
          </li>
        ))}
      </ul>
    </>
  )
}
