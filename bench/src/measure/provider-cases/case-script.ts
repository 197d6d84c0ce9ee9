import type { ScriptedBytes, ScriptedResponse } from '../../../../packages/plugin-api/src/testing.ts'
import { countOf, listOf, objectOf, textOf } from '../../../../packages/provider-kit/src/index.ts'
import type { JsonObject } from '../../../../packages/provider-kit/src/index.ts'
import type { ProviderCase } from './provider-case.ts'

const DRIP_HEAD_MS = 50
// No case waits this long for a byte; it only has to outlast the adapter's timers.
const LONGEST_PAUSE_MS = 15_000
const WITHHELD_MS = 10_000

/** The server's side of a case as a script of the fake server; `{{TRAP_PORT}}` becomes the trap's port. */
export function caseScript({ server, transport }: ProviderCase, trapPort: number): readonly ScriptedResponse[] {
  return server.map((response) => scripted(response, transport, String(trapPort)))
}

function scripted(response: JsonObject, transport: string | undefined, trapPort: string): ScriptedResponse {
  const withTrap = (text: string): string => text.replaceAll('{{TRAP_PORT}}', trapPort)
  const headers = Object.fromEntries(
    Object.entries(objectOf(response['headers'])).map(([header, value]) => [header, withTrap(String(value))]),
  )
  const chunks = listOf(response['chunks']).map(objectOf)
  const drip = objectOf(response['drip'])
  const withheld =
    (countOf(chunks[0]?.['delayMs']) ?? 0) > WITHHELD_MS && chunks.length === 1 && headers['content-type'] === undefined
  return {
    status: countOf(response['status']) ?? 0,
    headers,
    body: [...dripped(drip), ...chunks.map((chunk) => scriptedBytes(chunk, withTrap))],
    ...(withheld ? { silent: true } : {}),
    ...(transport === 'drip-headers' ? { dripHeadMs: DRIP_HEAD_MS } : {}),
    end: endOf(response['end']),
  }
}

function scriptedBytes(chunk: JsonObject, withTrap: (text: string) => string): ScriptedBytes {
  const base64 = textOf(chunk['base64'])
  return {
    bytes: base64 === undefined ? withTrap(textOf(chunk['text']) ?? '') : Buffer.from(base64, 'base64'),
    delayMs: Math.min(countOf(chunk['delayMs']) ?? 0, LONGEST_PAUSE_MS),
    repeat: countOf(chunk['repeat']) ?? 1,
  }
}

function dripped(drip: JsonObject): readonly ScriptedBytes[] {
  const bytes = Buffer.from(textOf(drip['text']) ?? '')
  const size = countOf(drip['bytes']) ?? 1
  const delayMs = countOf(drip['everyMs']) ?? 0
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => ({
    bytes: bytes.subarray(index * size, (index + 1) * size),
    delayMs: index === 0 ? 0 : delayMs,
  }))
}

function endOf(end: unknown): 'close' | 'reset' | 'hang' {
  return end === 'reset' || end === 'hang' ? end : 'close'
}
