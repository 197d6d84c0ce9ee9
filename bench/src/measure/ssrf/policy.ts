import { readFileSync } from 'node:fs'

import { z } from 'zod'

import { parseBaseUrl } from '../../../../packages/provider-kit/src/index.ts'
import type { NetworkConfig } from '../../../../packages/provider-kit/src/index.ts'

/** With `origins`, only those may be reached, wherever their names lead inside. */
const Policy = z.object({ origins: z.array(z.string()).optional() })
const PolicyFile = z.object({ policies: z.record(z.string(), Policy) })
export type Policy = z.infer<typeof Policy>

export function readPolicies(path: string): ReadonlyMap<string, Policy> {
  return new Map(Object.entries(PolicyFile.parse(JSON.parse(readFileSync(path, 'utf8'))).policies))
}

/**
 * A policy said in provider records: every record an operator under that policy could write for this base URL. Any port
 * counts as listed in `allow_ports`, since the policies say nothing about ports; `allow_loopback` adds local providers;
 * `origins` are hosts listed in `allow_private_hosts`, and nothing else has a record.
 */
export function recordsFor(name: string, { origins }: Policy, url: string): readonly NetworkConfig[] {
  const { origin, port, hostAndPort, protocol } = parseBaseUrl(url)
  const record = (declared_tier: NetworkConfig['declared_tier'], hosts: readonly string[]): NetworkConfig => ({
    base_url: url,
    declared_tier,
    network: { allow_private_hosts: [...hosts], allow_ports: [port], redirects: 'deny' },
  })
  if (origins !== undefined) {
    if (!origins.some((listed) => parseBaseUrl(listed).origin === origin)) return []
    return [record(protocol === 'https:' ? 'cloud' : 'local', [hostAndPort])]
  }
  return name === 'allow_loopback' ? [record('cloud', []), record('local', [])] : [record('cloud', [])]
}
