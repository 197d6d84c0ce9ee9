import { describe, expect, test } from 'vitest'

import { deriveTier } from './derive-tier.ts'

function decide(
  base_url: string | null,
  declared_tier: 'local' | 'cloud',
  listed: string[] = [],
  ports: number[] = [],
) {
  return deriveTier({
    base_url,
    declared_tier,
    network: { allow_private_hosts: listed, allow_ports: ports, redirects: 'deny' },
  })
}

describe('deriveTier', () => {
  test.each([
    ['http://127.0.0.1:11434', [], false],
    ['http://localhost:11434', [], false],
    ['http://[::1]:8080', [], false],
    ['http://app.localhost:3000', [], false],
    ['http://192.168.1.20:11434', ['192.168.1.20:11434'], true],
    ['http://box.lan:11434', ['BOX.lan:11434'], true],
    ['http://gpu:8000', ['gpu:8000'], true],
    ['https://llm.corp.example:8443', ['llm.corp.example:8443'], true],
    ['http://[fd12::5]:8080', ['[fd12::5]:8080'], true],
    ['http://box.lan', ['box.lan:80'], true],
    ['https://BOX.lan./v1', ['Box.lan.:443'], true],
  ])('local: %s', (url, listed, usesException) => {
    expect(decide(url, 'local', listed)).toEqual({ accepted: true, tier: 'local', usesException })
  })

  test.each([
    ['https://api.example.com/v1', [], []],
    ['https://[2606:4700:4700::1111]/v1', [], []],
    ['https://api.example.com:8443/v1', [], [8443]],
  ])('cloud: %s', (url, listed, ports) => {
    expect(decide(url, 'cloud', listed, ports)).toEqual({ accepted: true, tier: 'cloud', usesException: false })
  })

  test('a loopback host declared cloud is cloud, and needs an exception for the network', () => {
    expect(decide('http://127.0.0.1:9000', 'cloud')).toMatchObject({ accepted: false, code: 'HSK-403-SSRF' })
    expect(decide('http://127.0.0.1:9000', 'cloud', ['127.0.0.1:9000'])).toEqual({
      accepted: true,
      tier: 'cloud',
      usesException: true,
    })
  })

  test.each(['local', 'cloud'] as const)('a provider without a network is %s where it says so', (tier) => {
    expect(decide(null, tier)).toEqual({ accepted: true, tier, usesException: false })
  })

  test.each([
    ['https://api.example.com/v1', 'local', 'HSK-403-TIER-MISMATCH', 'tier_mismatch'],
    ['http://8.8.8.8:11434', 'local', 'HSK-403-TIER-MISMATCH', 'tier_mismatch'],
    ['http://192.168.1.20:11434', 'local', 'HSK-403-SSRF', 'address'],
    ['http://box.lan:11434', 'local', 'HSK-403-SSRF', 'internal_name'],
    ['http://169.254.169.254', 'local', 'HSK-403-SSRF', 'metadata'],
    ['http://metadata.google.internal', 'local', 'HSK-403-SSRF', 'metadata'],
    ['http://127.0.0.1:22', 'local', 'HSK-403-SSRF', 'blocked_port'],
    ['http://0.0.0.0:11434', 'local', 'HSK-403-SSRF', 'address'],
    ['http://api.example.com/v1', 'cloud', 'HSK-403-SSRF', 'scheme'],
    ['https://api.example.com:8443/v1', 'cloud', 'HSK-403-SSRF', 'port'],
    ['https://10.0.0.1/v1', 'cloud', 'HSK-403-SSRF', 'address'],
    ['https://localhost/v1', 'cloud', 'HSK-403-SSRF', 'address'],
    ['https://intranet/v1', 'cloud', 'HSK-403-SSRF', 'internal_name'],
    ['https://printer.local/v1', 'cloud', 'HSK-403-SSRF', 'internal_name'],
    ['https://router.home.arpa/v1', 'cloud', 'HSK-403-SSRF', 'internal_name'],
    ['https://[::ffff:127.0.0.1]/v1', 'cloud', 'HSK-400-PROVIDER-CONFIG', 'base_url'],
    ['https://user:pw@api.example.com', 'cloud', 'HSK-400-PROVIDER-CONFIG', 'base_url'],
  ] as const)('T-X-PROV-03: refuses %s declared %s', (url, declared, code, reason) => {
    expect(decide(url, declared)).toEqual({ accepted: false, code, reason })
  })

  test.each([
    '169.254.169.254',
    '169.254.0.23',
    '100.100.100.200',
    '192.0.0.192',
    '[fd00:c1::a9fe:a9fe]',
    '[fd00:42::42]',
    '[fd00:a9fe:a9fe::1]',
    '[fd00:100::100:200]',
    'metadata',
    'rancher-metadata',
    'metadata.google.internal',
    'instance-data.ec2.internal',
    'x.metadata.goog',
    'api.metadata.cloud.ibm.com',
    'metadata.platformequinix.com',
    'METADATA.tencentyun.com.',
  ])('T-X-PROV-03: metadata stays refused when it is listed: %s', (host) => {
    const entry = host.toLowerCase().replace(/\.$/, '')
    expect(decide(`http://${host}`, 'local', [`${entry}:80`])).toMatchObject({ reason: 'metadata' })
    expect(decide(`https://${host}`, 'cloud', [`${entry}:443`])).toMatchObject({ reason: 'metadata' })
  })

  test.each(['metadata.example.com', 'metadata.google.internal.example.com', 'my-metadata.goog', 'metadatagoog.com'])(
    'a name that only looks like metadata is a name: %s',
    (host) => expect(decide(`https://${host}`, 'cloud')).toMatchObject({ accepted: true }),
  )

  test.each(['192.168.1.20:11434', '192.168.1.20', '192.168.1.21:8080', '1.20:8080', '*', ''])(
    'an exception counts for its host and port only: %s',
    (listed) => {
      expect(decide('http://192.168.1.20:8080', 'local', [listed])).toMatchObject({
        accepted: false,
        reason: 'address',
      })
    },
  )

  test('http stays refused for a listed private host of the cloud tier', () => {
    expect(decide('http://10.1.2.3:8443', 'cloud', ['10.1.2.3:8443'])).toMatchObject({
      accepted: false,
      reason: 'scheme',
    })
  })
})
