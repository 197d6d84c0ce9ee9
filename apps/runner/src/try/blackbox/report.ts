import { visible } from '../../output/place-lines.ts'
import type { Alteration } from './altered-log.ts'
import type { Replayed, Verified } from './checked-record.ts'
import type { CommandEnd } from './child-command.ts'
import type { ShownCall } from './shown-calls.ts'
import { MODELS } from './trial-copy.ts'

export interface SwapOutcome {
  /** The same question to either model: bytes of the request. */
  readonly first: ShownCall | undefined
  readonly second: ShownCall | undefined
  /** Hashes of the rules that the requests of the run were sent with: one, if all saw the same. */
  readonly rules: readonly string[]
}

/** What the change of model did, measured over the requests of the run. */
export function swapOutcome(calls: readonly ShownCall[]): SwapOutcome {
  const second = calls.find(({ model_id }) => model_id === MODELS.second)
  const first = calls.findLast(({ model_id, mt_id }) => model_id === MODELS.first && mt_id === second?.mt_id)
  return { first, second, rules: [...new Set(calls.map(({ rules_sha256 }) => rules_sha256))] }
}

export function callLine({ mt_id, model_id, answered, bytes, sha256 }: ShownCall): string {
  return `  ${mt_id}   ${model_id.padEnd(16)} ${answered ? 'answered  ' : 'no answer '} ${String(bytes).padStart(6)} bytes, sha256 ${sha256}`
}

export function swapLines({ first, second, rules }: SwapOutcome): string[] {
  if (!first || !second) return ['swap       NOT SHOWN: no request of this run was made for both models']
  const change = second.bytes < first.bytes ? 'smaller' : 'NOT SMALLER: the window holds all that was found'
  return [
    `swap       ${first.model_id} was taken away after the first step; ${second.model_id} has a smaller window`,
    `rules      ${rules.length === 1 ? 'the same in every request' : 'DIFFERENT'}: sha256 ${rules.join(', ')}`,
    `payload    ${first.mt_id}: ${first.bytes} bytes before, ${second.bytes} after: ${change}`,
  ]
}

export function commandLine(name: string, what: string, { exit, result }: CommandEnd): string {
  const error: unknown = typeof result === 'object' && result !== null && 'error' in result ? result.error : undefined
  const code = typeof error === 'object' && error !== null && 'code' in error ? ` ${String(error.code)}` : ''
  return `${name.padEnd(10)} ${what}: exit ${exit}${code}`
}

export function verifyLines(name: string, { exit, verdict, events, ranges, breaks }: Verified): string[] {
  return [
    `${name.padEnd(10)} exit ${exit}, ${events} events: ${verdict}`,
    ...breaks.map(({ reason, from, to }) => `           ${placeOf(from, to)}: ${reason.replaceAll('_', ' ')}`),
    ...ranges
      .filter(({ state }) => state === 'missing' || state === 'unanchored')
      .map(({ state, from, to }) => `           ${placeOf(from, to)}: ${state}`),
  ]
}

function placeOf(from: number, to: number): string {
  return from === to ? `event ${from}` : `events ${from} to ${to}`
}

export function alterationName({ kind, event }: Alteration): string {
  switch (kind) {
    case 'edit':
      return `edited     event ${event}: one digit of its time`
    case 'delete':
      return `deleted    event ${event}`
    case 'cut':
      return `cut        event ${event} and all after it`
  }
}

export function replayLine({ exit, calls, decisions, offline }: Replayed): string {
  const same = calls.filter(({ status }) => status === 'same').length
  const where = offline
    ? 'in a network namespace without an interface that is up'
    : 'with the network of this machine, because this system lets nobody make a namespace; a replay has nothing to send with'
  return `replay     exit ${exit}, ${same} of ${calls.length} requests the same, ${decisions.checked} decisions made again; ${where}`
}

export function aboutLines(paths: readonly string[], suspicious: readonly string[]): string[] {
  return [
    `task       three steps about ${paths.map(visible).join(', ')}; answered by quoting, by no language model`,
    ...suspicious.map((path) => `           passed over ${visible(path)}: the scanner finds something in it`),
  ]
}

/** The last lines of the trial. */
export const WHAT_IT_DOES_NOT_PROVE = [
  'what this does not prove:',
  '  that an answer is right: a quotation that stands in its file may be beside the point',
  '  that every injection is found: the scanner knows phrases and their disguises, not intentions',
  '  that nothing was called past ctxlock, which records what goes through it',
  '  that the log was not written anew from its start by whoever holds the signing key: against that speaks only',
  '  an anchor that somebody else keeps',
  '  that a model would answer the same today: a replay makes requests again, not answers',
]
