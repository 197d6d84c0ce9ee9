import type { RunIndex } from '../session/run-index.ts'

const LENGTH = 160

/** What a run was asked, shortened; undefined for one that nothing was asked of, such as a child. */
export function runTitle(requests: Pick<RunIndex, 'get'>, runId: string): string | undefined {
  const [subject] = requests.get(runId)?.subjects ?? []
  if (!subject) return undefined
  return Array.from(subject.question.replaceAll(/\s+/g, ' ').trim()).slice(0, LENGTH).join('')
}
