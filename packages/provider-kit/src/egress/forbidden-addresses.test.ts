// Every way to write a loopback address, against a listener that really stands there: nothing may reach it.
import { startTrap } from '@ctxlock/plugin-api/testing'
import { ProviderError } from '@ctxlock/contracts/provider'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTestContext } from '../testing.ts'
import { createEgress } from './egress.ts'

const SEED = 20_261_121
const octet = fc.integer({ min: 0, max: 255 })
const loopback = fc.tuple(octet, octet, octet).map(([b, c, d]) => [127, b, c, d] as const)

/** One part of an IPv4 address as C libraries read it: decimal, octal with any zeros, hexadecimal in any case. */
const part = (value: number): fc.Arbitrary<string> =>
  fc.constantFrom(
    `${value}`,
    `0${value.toString(8)}`,
    `000${value.toString(8)}`,
    `0x${value.toString(16)}`,
    `0X00${value.toString(16).toUpperCase()}`,
  )
const FULL_WIDTH = '０１２３４５６７８９'
const DOTS = ['.', '。', '．', '｡', '%2e']

const ipv4 = loopback.chain(([a, b, c, d]) => {
  const [lastThree, lastTwo] = [b * 65_536 + c * 256 + d, c * 256 + d]
  const parts = (...values: number[]): fc.Arbitrary<string> =>
    fc.tuple(fc.constantFrom(...DOTS), ...values.map(part)).map(([dot, ...written]) => written.join(dot))
  return fc.oneof(
    parts(a, b, c, d),
    parts(a, lastThree),
    parts(a, b, lastTwo),
    parts(a * 16_777_216 + lastThree),
    fc.constant(`${a}.${b}.${c}.${d}`.replace(/\d/g, (digit) => FULL_WIDTH[Number(digit)] ?? '')),
  )
})

const ipv6 = loopback.chain(([a, b, c, d]) => {
  const dotted = `${a}.${b}.${c}.${d}`
  const groups = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  const tails = fc.constantFrom(dotted, groups)
  const embedded = fc
    .tuple(fc.constantFrom('::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::', '0:0:0:0:0:FFFF:'), tails)
    .map(([head, tail]) => head + tail)
  return fc.oneof(
    embedded,
    fc.constantFrom(
      '::1',
      '0:0:0:0:0:0:0:1',
      '::0001',
      `2002:${groups}::`,
      `2002:${groups}::1`,
      '::',
      '::1%lo',
      '::1%25lo',
    ),
  )
})

const host = fc.oneof(
  ipv4,
  ipv6.map((address) => `[${address}]`),
  fc.constantFrom(
    'localhost',
    'LOCALHOST',
    'a.localhost',
    'ｌocalhost',
    'loc\u{AD}alhost',
    '0',
    '0.0.0.0',
    'ip6-localhost',
  ),
)
const written = fc
  .tuple(
    fc.constantFrom('http', 'https', 'HTTPS'),
    fc.constantFrom('', 'u@', 'u:p@', 'api.example.com@'),
    host,
    fc.constantFrom('', '.', '..'),
  )
  .map(
    ([scheme, user, name, dots]) =>
      (port: number) =>
        `${scheme}://${user}${name}${dots}:${port}/v1`,
  )

test(`T-X-PROV-03: a cloud provider reaches loopback under no spelling, and sends nothing to try (seed ${SEED})`, async () => {
  const trap = await startTrap()
  const { timers } = createTestContext({ baseUrl: 'http://127.0.0.1:8080' })
  const network = { allow_private_hosts: [], allow_ports: [trap.port], redirects: 'deny' as const }
  let lookups = 0
  const lookup = () => {
    lookups += 1
    return Promise.resolve(['127.0.0.1'])
  }
  try {
    await fc.assert(
      fc.asyncProperty(written, async (at) => {
        const base_url = at(trap.port)
        const error = await refusal(async () => {
          const egress = createEgress({ base_url, declared_tier: 'cloud', network }, { timers, lookup })
          await egress.request({ method: 'GET', url: `${base_url}/x`, headers: {}, streaming: false })
        })
        expect(['invalid_config', 'ssrf_blocked']).toContain(error.code)
        expect(error.attempts).toBe(0)
      }),
      { seed: SEED, numRuns: 2000 },
    )
    expect(trap.connections).toBe(0)
    expect(lookups).toBe(0)
  } finally {
    await trap.close()
  }
})

async function refusal(use: () => Promise<void>): Promise<ProviderError> {
  try {
    await use()
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
  throw new Error('expected the egress to refuse')
}
