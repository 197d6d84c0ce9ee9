import { isDeepStrictEqual, inspect } from 'node:util'

import { ProviderError } from '../../../../packages/contracts/src/provider.ts'
import { isObject, listOf, objectOf, textOf } from '../../../../packages/provider-kit/src/index.ts'
import type { JsonObject } from '../../../../packages/provider-kit/src/index.ts'
import type { Observation } from './play-case.ts'
import type { ProviderCase } from './provider-case.ts'

type Check = (expected: unknown, observation: Observation, result: JsonObject) => boolean

/** How each expectation of the file format is checked. Others are compared with the result's member of that name. */
const CHECKS: Readonly<Record<string, Check>> = {
  ok: (expected, { error }) => expected === (error === undefined),
  text: (expected, _, result) => result['text'] === expected,
  textEscaped: (expected, _, result) => JSON.stringify(result['text']) === `"${String(expected)}"`,
  reasoning: (expected, _, result) => result['reasoning'] === expected,
  finishReason: (expected, _, result) => result['finishReason'] === expected,
  rawFinishReason: (expected, _, result) => result['rawFinishReason'] === expected,
  usage: (expected, _, result) => includes(result['usage'], expected),
  responseModel: (expected, _, result) => result['responseModel'] === expected,
  json: (expected, _, result) => isDeepStrictEqual(result['json'], expected),
  toolCalls: (expected, _, result) => toolCallsMatch(listOf(expected), listOf(result['toolCalls'])),
  warnings: (expected, _, result) => listOf(expected).every((warning) => listOf(result['warnings']).includes(warning)),
  meta: (expected, _, result) => includes(result['meta'], expected),
  embeddings: (expected, _, result) => isDeepStrictEqual(result['embeddings'], expected),
  models: (expected, _, result) =>
    isDeepStrictEqual(
      listOf(result['models']).map((model) => objectOf(model)['name']),
      expected,
    ) || includes(result['models'], expected),
  running: (expected, _, result) => includes(result['running'], expected),
  loaded: (expected, _, result) => result['loaded'] === expected,
  health: (expected, _, result) => result['health'] === expected,
  version: (expected, _, result) => result['version'] === expected,
  // An operation of several requests has no attempts of its own: its requests are counted.
  attempts: (expected, { requests }, result) => (result['attempts'] ?? requests.length) === expected,
  deltasMin: (expected, { deltas }) => deltas >= Number(expected),
  errorCodesSeen: (expected, { retries }) =>
    isDeepStrictEqual(
      retries.map(({ code }) => code),
      expected,
    ),
  waitsMs: (expected, { retries }) =>
    listOf(expected).length === retries.length &&
    listOf(expected).every((range, index) => {
      const [least, most] = listOf(range)
      const waitMs = retries[index]?.waitMs ?? -1
      return waitMs >= Number(least) && waitMs <= Number(most)
    }),
  mustNotLeak: (expected, observation) => {
    const shown = everythingShown(observation)
    return listOf(expected).every((secret) => !shown.includes(String(secret)))
  },
  serverSeesClose: (expected, { sawClose }) => sawClose === expected,
  trapUntouched: (expected, { trapConnections }) => (trapConnections === 0) === expected,
  minWallMs: (expected, { wallMs }) => wallMs >= Number(expected),
  maxWallMs: (expected, { wallMs }) => wallMs <= Number(expected),
}

/** Why a case failed; nothing when it passed. */
export function scoreCase(providerCase: ProviderCase, observation: Observation): string[] {
  const { expect, expectRequest, noNetwork } = providerCase
  const result = isObject(observation.result) ? observation.result : {}
  const faults = Object.entries(expect).flatMap(([name, expected]) => {
    if (name === 'error') return errorFaults(objectOf(expected), observation.error)
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined
    const met = check ? check(expected, observation, result) : includes(result[name], expected)
    return met ? [] : [`${name}: expected ${JSON.stringify(expected)}`]
  })
  faults.push(...requestFaults(expectRequest, observation))
  if (noNetwork && (observation.socketsOpened > 0 || observation.requests.length > 0))
    faults.push('a socket was opened')
  if (faults.length > 0)
    faults.push(`got ${inspect(observation.error ?? observation.result, { depth: 3, breakLength: Infinity })}`)
  return faults
}

const ERROR_CHECKS: Readonly<Record<string, (expected: unknown, error: ProviderError) => boolean>> = {
  code: (expected, error) => error.code === expected,
  status: (expected, error) => error.status === expected,
  retryable: (expected, error) => error.retryable === expected,
  attempts: (expected, error) => error.attempts === expected,
  phase: (expected, error) => error.phase === expected,
  reason: (expected, error) => error.reason === expected,
  partialText: (expected, error) => (error.partialText ?? '') === expected,
  partialTextPrefix: (expected, error) => error.partialText?.startsWith(String(expected)) === true,
  retryAfterMs: (expected, error) => error.retryAfterMs === expected,
  details: (expected, error) => includes(error.details, expected),
  messageIncludes: (expected, error) => error.message.includes(String(expected)),
  messageExcludes: (expected, error) => !error.message.includes(String(expected)),
  messageMaxChars: (expected, error) => error.message.length <= Number(expected),
}

function errorFaults(expected: JsonObject, error: unknown): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const check = Object.hasOwn(ERROR_CHECKS, name) ? ERROR_CHECKS[name] : undefined
    const met = error instanceof ProviderError && check?.(value, error) === true
    return met ? [] : [`error.${name}: expected ${JSON.stringify(value)}`]
  })
}

function requestFaults(expected: JsonObject, { requests }: Observation): string[] {
  const [first] = requests
  if (Object.keys(expected).length === 0) return []
  if (!first) return ['no request was made']
  const body: unknown = first.body.length === 0 ? undefined : JSON.parse(Buffer.from(first.body).toString())
  const faults: string[] = []
  for (const [name, value] of Object.entries(expected)) {
    const met =
      (name === 'method' && first.method === value) ||
      (name === 'path' && first.path === value) ||
      (name === 'headers' && includes(first.headers, value)) ||
      (name === 'bodyIncludes' && includes(body, value)) ||
      (name === 'bodyExcludes' && listOf(value).every((member) => !Object.hasOwn(objectOf(body), String(member))))
    if (!met)
      faults.push(
        `request ${name}: expected ${JSON.stringify(value)}, got ${Buffer.from(first.body).toString().slice(0, 500)}`,
      )
  }
  return faults
}

function toolCallsMatch(expected: readonly unknown[], actual: readonly unknown[]): boolean {
  if (expected.length !== actual.length) return false
  return expected.every((value, index) => {
    const { idNonEmpty, args, ...rest } = objectOf(value)
    const call = objectOf(actual[index])
    const identified = idNonEmpty !== true || (textOf(call['id']) ?? '') !== ''
    return identified && (args === undefined || isDeepStrictEqual(call['arguments'], args)) && includes(call, rest)
  })
}

/** Whether every member of `expected` is in `actual`; lists must have the same length. */
function includes(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((value, index) => includes(actual[index], value))
    )
  }
  if (!isObject(expected)) return isDeepStrictEqual(actual, expected)
  return isObject(actual) && Object.entries(expected).every(([name, value]) => includes(actual[name], value))
}

/** Every form in which an outcome could reach a log. */
function everythingShown({ error, result }: Observation): string {
  const parts = [inspect(result, { depth: null, showHidden: true }), JSON.stringify(result)]
  for (
    let cause = error;
    cause !== undefined && cause !== null;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    parts.push(inspect(cause, { depth: null, showHidden: true }), JSON.stringify(cause))
    if (cause instanceof Error) parts.push(String(cause), cause.message, cause.stack ?? '')
  }
  return parts.join('\n')
}
