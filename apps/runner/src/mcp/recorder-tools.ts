import { Identifier, Timestamp, Uuid } from '@ctxlock/contracts/primitives'
import { queryEvents } from '@ctxlock/flight-recorder'
import { z } from 'zod'

import { verify } from '../commands/record/verify.ts'
import { commandResult } from '../output/command-result.ts'
import { lookAtRecord } from '../session/look-at-record.ts'
import { boundedAnswer } from './bounded-answer.ts'
import { defineTool, type WorkspaceTool } from './tool.ts'

const MOMENT = 'in UTC with milliseconds, such as 2026-02-12T02:22:31.000Z'
const Cursor = z.strictObject({ timestamp: Timestamp, seq: z.int().min(1) })

/** Tools over the record of earlier runs. Events hold hashes and ids, never a prompt or the text of a file. */
export function recorderTools(root: string): WorkspaceTool[] {
  return [
    defineTool({
      name: 'recorder_query',
      description: 'Events of earlier runs that fit all conditions, oldest first, one page at a time.',
      input: z.strictObject({
        event_id: Uuid.exactOptional(),
        run_id: Identifier.exactOptional(),
        call_id: Identifier.exactOptional(),
        job_id: Identifier.exactOptional(),
        trace_id: Identifier.exactOptional(),
        fr_event_id: Identifier.exactOptional().describe('an id of the event catalogue, such as FR-EVT-X-RUN-001'),
        from: Timestamp.exactOptional().describe(MOMENT),
        to: Timestamp.exactOptional().describe(MOMENT),
        limit: z.int().min(1).max(100).default(20),
        after: Cursor.exactOptional().describe('`next` of the page before'),
      }),
      output: z.strictObject({
        events: z.array(z.looseObject({ event_id: z.string(), type: z.string() })),
        damaged: z.array(z.int()).describe('positions of events whose stored bytes are damaged'),
        next: Cursor.nullable(),
      }),
      writes: 'nothing',
      run: async ({ limit, after, event_id, run_id, call_id, job_id, trace_id, fr_event_id, from, to }) => {
        const filter = {
          ...(event_id !== undefined && { eventId: event_id }),
          ...(run_id !== undefined && { workflowRunId: run_id }),
          ...(call_id !== undefined && { callId: call_id }),
          ...(job_id !== undefined && { jobId: job_id }),
          ...(trace_id !== undefined && { traceId: trace_id }),
          ...(fr_event_id !== undefined && { frEventId: fr_event_id }),
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
        }
        return lookAtRecord(root, ({ state }) =>
          queryEvents(state.database, filter, { limit, ...(after && { after }) }),
        )
      },
    }),
    defineTool({
      name: 'recorder_verify',
      description:
        'Checks the log, the stored objects and every recorded call against the log: intact, unanchored, broken or incomplete.',
      input: z.strictObject({}),
      output: z.looseObject({ ok: z.boolean(), verdict: z.string(), events: z.int(), left_out: z.int() }),
      writes: 'nothing',
      run: async () => boundedAnswer(await commandResult(verify, root, {})),
    }),
  ]
}
