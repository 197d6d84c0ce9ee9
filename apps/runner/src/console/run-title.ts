import type { StoredSession } from '../session/stored-session.ts'
import { openRunIndex } from '../session/run-index.ts'

const LENGTH = 160

/** What a run was asked, shortened; undefined for one that nothing was asked of, such as a child. */
export function runTitle(
  { state, artifacts }: Pick<StoredSession, 'state' | 'artifacts'>,
  runId: string,
): string | undefined {
  const [subject] = openRunIndex(state.database, artifacts).get(runId)?.subjects ?? []
  if (!subject) return undefined
  return Array.from(subject.question.replaceAll(/\s+/g, ' ').trim()).slice(0, LENGTH).join('')
}
