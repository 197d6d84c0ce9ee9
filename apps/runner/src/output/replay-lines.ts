import type { SourcesAgainst } from '../replay/against.ts'
import type { Difference } from '../replay/differences.ts'
import type { MissingSource } from '../replay/recorded-sources.ts'
import type { RunReplay } from '../replay/replay-run.ts'
import type { ReplayedCall } from '../replay/tape.ts'

/** The last line of every replay. */
export const WHAT_IT_SHOWS =
  'This shows that recorded requests still follow from these sources; it says nothing about what a model would answer today.'

/** What a replay came to, for people. */
export function replayLines(
  { runId, calls, decisions, unasked }: Omit<RunReplay, 'recordings'>,
  against: SourcesAgainst | undefined,
): string[] {
  const same = calls.filter((call) => call.status === 'same')
  const withoutBytes = same.filter(({ bytesCompared }) => !bytesCompared).length
  return [
    `run        ${runId}`,
    `requests   ${same.length} of ${calls.length} the same${withoutBytes === 0 ? '' : `, ${withoutBytes} up to its messages only`}`,
    ...calls.flatMap(callLines),
    ...unasked.map((callId) => `           nothing asks for the recorded call ${callId}`),
    ...(decisions.checked === 0
      ? []
      : [`decisions  ${decisions.checked} made again${decisions.first ? '' : ', the same'}`]),
    ...(decisions.first ? differenceLines(decisions.first) : []),
    ...(against ? againstLines(against) : []),
    'Nothing was sent: a replay has no connection to send with.',
    WHAT_IT_SHOWS,
  ]
}

function callLines(call: ReplayedCall): string[] {
  switch (call.status) {
    case 'same':
      return [
        `  same     call ${call.callId}: ${call.fields} fields`,
        ...(call.bytesCompared
          ? []
          : ['           its bytes were not compared: the plugin of its provider gives no `encoder`']),
      ]
    case 'source_missing':
      return [`  missing  call ${call.callId}: a source is not what it was`, ...call.missing.map(sourceLine)]
    case 'miss': {
      const { stepId, first, nearest, problem } = call
      return [
        `  miss     ${stepId}: no recording has this request${problem === undefined ? '' : `: ${problem}`}`,
        ...(first ? differenceLines(first) : []),
        ...(nearest
          ? [`           nearest: call ${nearest.callId}, ${nearest.agreeing} of ${nearest.fields} fields agree`]
          : []),
      ]
    }
  }
}

function differenceLines({ field, recorded, rebuilt }: Difference): string[] {
  return [
    `           first difference: ${field}`,
    `             recorded ${recorded ?? 'nothing'}`,
    `             rebuilt  ${rebuilt ?? 'nothing'}`,
  ]
}

function sourceLine({ path, hash, currentHash }: MissingSource): string {
  return `           ${path}: was ${hash}, ${currentHash === null ? 'is gone' : `is now ${currentHash}`}`
}

function againstLines({ checked, changed }: SourcesAgainst): string[] {
  return [`sources    ${checked - changed.length} of ${checked} unchanged there`, ...changed.map(sourceLine)]
}
