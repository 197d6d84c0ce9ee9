import type { ReportJudgement } from '@ctxlock/log-verifier/browser'

import { Fields } from './fields.ts'

/** An event whose text is in the file and is what the tree, or behind it the hash, says. */
export interface ReadEvent {
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly run: string
  readonly fields: Fields
}

/** Those of the events that were not found broken. */
export function readEvents(events: ReportJudgement['events']): ReadEvent[] {
  return events.flatMap(({ seq, state, text }) => {
    if (state === 'broken' || text === null) return []
    const fields = Fields.of(text)
    const [type, at] = [fields.text('type'), fields.text('timestamp')]
    return type === undefined || at === undefined
      ? []
      : [{ seq, type, at, run: fields.text('workflow_run_id') ?? '', fields }]
  })
}
