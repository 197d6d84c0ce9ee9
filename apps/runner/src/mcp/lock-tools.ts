import { RelativePath } from '@ctxlock/contracts/primitives'
import { z } from 'zod'

import { check } from '../commands/check.ts'
import { diff } from '../commands/diff.ts'
import { lock } from '../commands/lock.ts'
import { commandResult } from '../output/command-result.ts'
import { boundedAnswer } from './bounded-answer.ts'
import { defineTool, type WorkspaceTool } from './tool.ts'

const NoInput = z.strictObject({})
const LeftOut = z.int().describe('entries of lists that are not shown; `ctxlock` with --json lists all')
const Verdict = z.looseObject({
  ok: z.boolean(),
  status: z.enum(['matches', 'changed', 'builder_changed']),
  sources: z.array(z.looseObject({ path: z.string(), change: z.string() })).describe('one entry for each difference'),
  left_out: LeftOut,
})

/** Tools over the lockfile; each gives what its command prints with `--json`, of long lists the start. */
export function lockTools(root: string): WorkspaceTool[] {
  return [
    defineTool({
      name: 'lock_check',
      description:
        'Compares the workspace with ctxlock.lock by content; names every source, rule, role and task that differs, with its old and new hash.',
      input: NoInput,
      output: Verdict,
      writes: 'nothing',
      run: async () => boundedAnswer(await commandResult(check, root, {})),
    }),
    defineTool({
      name: 'lock_diff',
      description: 'Says what the differences from ctxlock.lock mean for what a model would see.',
      input: NoInput,
      output: Verdict,
      writes: 'nothing',
      run: async () => boundedAnswer(await commandResult(diff, root, {})),
    }),
    defineTool({
      name: 'lock_build',
      description:
        'Packs every source and writes ctxlock.lock, the statement of what a model will see. It accepts every change since the last one: call lock_check first and tell the person what changed.',
      input: z.strictObject({
        tasks: z
          .array(RelativePath)
          .max(100)
          .default([])
          .describe('task files to lock as well, relative to the workspace'),
      }),
      output: z.looseObject({
        ok: z.boolean(),
        lock_hash: z.string(),
        sources: z.int(),
        packed: z.int(),
        left_out: LeftOut,
      }),
      writes: 'lockfile',
      run: async ({ tasks }) => boundedAnswer(await commandResult(lock, root, { task: tasks })),
    }),
  ]
}
