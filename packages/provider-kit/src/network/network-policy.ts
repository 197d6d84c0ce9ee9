import { isIP } from 'node:net'

import { ProviderError } from '@ctxlock/contracts/provider'
import type { ProviderConfig } from '@ctxlock/contracts/provider'

import { classifyAddress } from './address-class.ts'
import type { AddressClass } from './address-class.ts'
import { parseBaseUrl } from './base-url.ts'
import type { BaseUrl } from './base-url.ts'
import { BLOCKED_PORTS } from './blocked-ports.ts'

/** The part of a provider record that decides where its requests may go. */
export type NetworkConfig = Pick<ProviderConfig, 'base_url' | 'declared_tier' | 'network'>

/** What a host of a validated configuration may resolve to. */
export interface NetworkPolicy {
  readonly baseUrl: BaseUrl
  readonly tier: 'local' | 'cloud'
  /** True when only an entry of `allow_private_hosts` makes this host acceptable (PROV-043). */
  readonly usesException: boolean
  readonly allowedClasses: ReadonlySet<AddressClass>
}

// Names that reach into the network the machine stands in (PROV-038).
const INTERNAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa|lan)$/
const LOOPBACK_NAME = /^(?:.+\.)?localhost$/
// Names by which clouds serve credentials, and everything below them. Some of them lead to public addresses.
const METADATA_NAME =
  /(?:^|\.)(?:(?:[\w-]+-)?metadata|instance-data|(?:metadata|instance-data)(?:\.[\w-]+)*\.internal|metadata\.(?:goog|azure\.com|cloud\.ibm\.com|digitalocean\.com|exoscale\.com|oraclecloud\.com|packet\.net|platformequinix\.com|scaleway\.com|tencentyun\.com))$/

/**
 * Judges a provider record without any I/O (PROV-037, PROV-038, PROV-043, PROV-045): the derived tier and the address
 * classes its host may have. Throws `invalid_config` for an unusable URL and `ssrf_blocked` with reason `metadata`,
 * `blocked_port`, `port`, `scheme`, `internal_name`, `address` or `tier_mismatch`.
 */
export function networkPolicy(config: NetworkConfig): NetworkPolicy {
  if (config.base_url === null) {
    throw new ProviderError('invalid_config', 'A provider without a base URL has no network.', {
      attempts: 0,
      reason: 'base_url',
    })
  }
  const baseUrl = parseBaseUrl(config.base_url)
  const place = placeOf(baseUrl.host)
  const listed = config.network.allow_private_hosts.some((entry) => canonicalEntry(entry) === baseUrl.hostAndPort)
  if (place === 'metadata') throw blocked('metadata', 'cloud metadata addresses are never reached')
  if (place === 'reserved') throw blocked('address', 'the address is reserved')
  if (BLOCKED_PORTS.has(baseUrl.port)) throw blocked('blocked_port', `port ${baseUrl.port} belongs to another protocol`)
  return config.declared_tier === 'local'
    ? localPolicy(baseUrl, place, listed)
    : cloudPolicy(baseUrl, place, listed, config.network.allow_ports)
}

function localPolicy(baseUrl: BaseUrl, place: Place, listed: boolean): NetworkPolicy {
  if (place === 'loopback')
    return { baseUrl, tier: 'local', usesException: false, allowedClasses: new Set(['loopback']) }
  if (place === 'public') throw blocked('tier_mismatch', 'a public address is declared local')
  if (!listed) {
    if (place === 'name')
      throw blocked(
        'tier_mismatch',
        'the host is declared local but is neither loopback nor listed in allow_private_hosts',
      )
    throw blocked(
      place === 'private' ? 'address' : 'internal_name',
      'the private host is not listed in allow_private_hosts',
    )
  }
  // A listed name that turns out to be public would skip consent; one that turns to loopback was rebound.
  return { baseUrl, tier: 'local', usesException: true, allowedClasses: new Set(['private']) }
}

function cloudPolicy(baseUrl: BaseUrl, place: Place, listed: boolean, allowPorts: readonly number[]): NetworkPolicy {
  const outside = place === 'public' || place === 'name'
  if (!outside && !listed) {
    if (place === 'loopback' || place === 'private')
      throw blocked('address', 'a cloud provider may not be on a private address')
    throw blocked('internal_name', 'a cloud provider needs a public host name')
  }
  if (baseUrl.protocol === 'http:' && !(place === 'loopback' && listed))
    throw blocked('scheme', 'a cloud provider needs https')
  if (!listed && baseUrl.port !== 443 && !allowPorts.includes(baseUrl.port)) {
    throw blocked('port', `port ${baseUrl.port} is not listed in allow_ports`)
  }
  const allowed: AddressClass[] = !listed ? ['public'] : place === 'loopback' ? ['loopback'] : ['public', 'private']
  return { baseUrl, tier: 'cloud', usesException: listed && !(place === 'public'), allowedClasses: new Set(allowed) }
}

type Place = AddressClass | 'internal_name' | 'name'

/** What the host says about where it is, before any lookup. */
function placeOf(host: string): Place {
  if (isIP(host) !== 0) return classifyAddress(host)
  if (METADATA_NAME.test(host)) return 'metadata'
  if (LOOPBACK_NAME.test(host)) return 'loopback'
  return INTERNAL_NAME.test(host) || !host.includes('.') ? 'internal_name' : 'name'
}

/** `host:port` of an exception in the spelling of `BaseUrl.hostAndPort`; an entry without a port matches nothing. */
function canonicalEntry(entry: string): string {
  return entry
    .trim()
    .toLowerCase()
    .replace(/\.(?=:\d+$)/, '')
}

function blocked(reason: string, why: string): ProviderError {
  return new ProviderError('ssrf_blocked', `The network policy refuses this provider: ${why} (${reason}).`, {
    attempts: 0,
    reason,
  })
}
