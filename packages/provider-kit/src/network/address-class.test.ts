import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { classifyAddress } from './address-class.ts'
import type { AddressClass } from './address-class.ts'

const SEED = 20_261_120

const TABLE: readonly (readonly [AddressClass, readonly string[]])[] = [
  [
    'public',
    [
      '8.8.8.8',
      '1.1.1.1',
      '64:ff9b::808:808',
      '172.15.255.255',
      '172.32.0.1',
      '100.128.0.1',
      '198.17.0.1',
      '2606:4700:4700::1111',
      '2a00::1',
    ],
  ],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1']],
  [
    'private',
    [
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      'fc00::1',
      'fdff::1',
      'fd00:42::43',
      'fd00:a9fe::a9fe',
    ],
  ],
  [
    'metadata',
    [
      '169.254.169.254',
      '169.254.170.2',
      '100.100.100.200',
      '168.63.129.16',
      'fe80::1',
      'febf::1',
      '168.63.129.16',
      '192.0.0.192',
      '100.96.0.96',
      'fe80::a9fe:a9fe',
      'fd00:ec2::254',
      'fd00:ec2::23',
      'fd20:ce::254',
      'fd00:42::42',
      'fd00:100::100:200',
      'fd00:c1::a9fe:a9fe',
      'fd00:a9fe:a9fe::1',
      'FD00:00C1:0:0:0:0:A9FE:A9FE',
      'fd00:c1::169.254.169.254',
      '::ffff:169.254.169.254',
      '64:ff9b::a9fe:a9fe',
    ],
  ],
  [
    'reserved',
    [
      '0.0.0.0',
      '192.0.0.1',
      '192.0.2.1',
      '192.88.99.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
  ],
  [
    'reserved',
    [
      '::',
      '100::1',
      '64:ff9b:1::1',
      '2001::1',
      '2001:db8::1',
      'fec0::1',
      'ff02::1',
      '::127.0.0.1',
      '::ffff:0:127.0.0.1',
      '5f00::1',
      '3fff::1',
    ],
  ],
  [
    'reserved',
    [
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:c0a8:101::1',
    ],
  ],
  ['reserved', ['', 'localhost', '127.0.0.1.', '0x7f.1', 'fe80::1%eth0', '[::1]', '1.2.3.4.5']],
]

describe('classifyAddress (T-X-PROV-03)', () => {
  for (const [expected, addresses] of TABLE) {
    test.each(addresses)(`${expected}: %s`, (address) => expect(classifyAddress(address)).toBe(expected))
  }

  test(`an IPv6 form that carries an IPv4 address is public only with it (seed ${SEED})`, () => {
    const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })))
    fc.assert(
      fc.property(octets, ([a = 0, b = 0, c = 0, d = 0]) => {
        const carried = classifyAddress(`${a}.${b}.${c}.${d}`)
        const expected = carried === 'public' || carried === 'metadata' ? carried : 'reserved'
        const high = ((a << 8) | b).toString(16)
        const low = ((c << 8) | d).toString(16)
        expect(classifyAddress(`::ffff:${a}.${b}.${c}.${d}`)).toBe(expected)
        expect(classifyAddress(`::ffff:${high}:${low}`)).toBe(expected)
        expect(classifyAddress(`64:ff9b::${high}:${low}`)).toBe(expected)
        expect(classifyAddress(`2002:${high}:${low}::1`)).toBe(expected)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  test(`nothing outside 2000::/3 is public unless it carries IPv4 (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = Number.parseInt(address.split(':')[0] || '0', 16)
        const carriesIpv4 = first === 0x2002 || first === 0x64 || first === 0
        expect(classifyAddress(address) === 'public' && !carriesIpv4 && (first & 0xe000) !== 0x2000).toBe(false)
      }),
      { seed: SEED, numRuns: 2000 },
    )
  })
})
