import { z } from 'zod'

import { runCommand, withoutNetwork } from './child-command.ts'
import type { TrialCopy } from './trial-copy.ts'

const Place = { from: z.int(), to: z.int() }
const Verified = z.object({
  exit: z.int(),
  verdict: z.string(),
  events: z.int(),
  ranges: z.array(z.object({ state: z.string(), ...Place })),
  breaks: z.array(z.object({ reason: z.string(), ...Place })),
})
/** What `ctxlock verify` answered. */
export type Verified = z.output<typeof Verified>

const Replayed = z.object({
  exit: z.int(),
  calls: z.array(z.object({ status: z.string() })),
  decisions: z.object({ checked: z.int() }),
})
/** What `ctxlock replay` answered, and whether it could have reached a network. */
export type Replayed = z.output<typeof Replayed> & { readonly offline: boolean }

export async function verifyRecord(copy: TrialCopy, signal: AbortSignal): Promise<Verified> {
  return Verified.parse((await runCommand(copy, ['verify'], signal)).result)
}

export async function replayOffline(copy: TrialCopy, runId: string, signal: AbortSignal): Promise<Replayed> {
  const wrap = withoutNetwork()
  const { result } = await runCommand(copy, ['replay', runId], signal, wrap)
  return { ...Replayed.parse(result), offline: wrap !== undefined }
}
