import { lookup as dnsLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Socket } from 'node:net'

import { ProviderError } from '@ctxlock/contracts/provider'
import { buildConnector } from 'undici'

import { classifyAddress } from '../network/address-class.ts'
import type { NetworkPolicy } from '../network/network-policy.ts'

/** Resolves a host name to every address it has. */
export type Lookup = (host: string) => Promise<readonly string[]>

export interface DialTarget {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  /** Every address was checked; only these may be connected to. */
  readonly addresses: readonly string[]
}

/** Opens a socket to one of the addresses of a checked target. */
export type Dial = (target: DialTarget) => Promise<Socket>

export interface ConnectorOptions {
  readonly policy: NetworkPolicy
  readonly lookup: Lookup
  readonly dial: Dial
  /** Called when a connection is made that only an entry of `allow_private_hosts` permits (PROV-043). */
  readonly onException?: ((use: { readonly hostAndPort: string }) => void) | undefined
}

/** All addresses the operating system knows for a name, in its order. */
export const systemLookup: Lookup = async (host) => {
  const answers = await dnsLookup(host, { all: true, verbatim: true })
  return answers.map(({ address }) => address)
}

/**
 * An undici connector that connects only to addresses it has just checked (PROV-039, PROV-040): IP literals and every
 * resolved address alike. One refused answer refuses the host, so a mixed or rebinding answer is no way in.
 */
export function checkedConnector(options: ConnectorOptions): buildConnector.connector {
  const connect = async ({ hostname, protocol, port }: buildConnector.Options): Promise<Socket> => {
    const secure = protocol === 'https:'
    const target = { host: bareHost(hostname), port: port === '' ? (secure ? 443 : 80) : Number(port), secure }
    const addresses = await checkedAddresses(target.host, options)
    return verified(await options.dial({ ...target, addresses }), addresses)
  }
  return (target, settle) => {
    connect(target).then(
      (socket) => settle(null, socket),
      (error: unknown) => settle(error instanceof Error ? error : new Error('the connection could not be made'), null),
    )
  }
}

async function checkedAddresses(
  host: string,
  { policy, lookup, onException }: ConnectorOptions,
): Promise<readonly string[]> {
  // undici keeps one connection pool per origin; the egress allows one origin, and this holds even if that changes.
  if (host !== policy.baseUrl.host) throw refused('the host is not the configured one', 'origin')
  const addresses = isIP(host) === 0 ? await lookup(host) : [host]
  if (addresses.length === 0)
    throw new ProviderError('network', 'The host name has no address.', { reason: 'ENOTFOUND' })
  for (const address of addresses) {
    const addressClass = classifyAddress(address)
    if (policy.allowedClasses.has(addressClass)) continue
    const skipsConsent = policy.tier === 'local' && addressClass === 'public'
    throw refused(
      `the host resolves to an address of class ${addressClass}`,
      skipsConsent ? 'tier_mismatch' : 'address',
    )
  }
  if (policy.usesException) onException?.({ hostAndPort: policy.baseUrl.hostAndPort })
  return addresses
}

function verified(socket: Socket, addresses: readonly string[]): Socket {
  const remote = socket.remoteAddress
  if (remote === undefined || addresses.some((address) => sameAddress(address, remote))) return socket
  socket.destroy()
  throw refused('the socket went to another address than the checked one', 'address')
}

function sameAddress(left: string, right: string): boolean {
  return left === right || left.replace(/^::ffff:/i, '') === right.replace(/^::ffff:/i, '')
}

function bareHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

function refused(why: string, reason: string): ProviderError {
  return new ProviderError('ssrf_blocked', `The connection was refused before it was made: ${why} (${reason}).`, {
    attempts: 0,
    reason,
  })
}

/** Connects with undici's own connector, which tries the addresses in turn and never looks a name up again. */
export const dialChecked: Dial = ({ host, port, secure, addresses }) => {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }))
  const connect = buildConnector({
    allowH2: false,
    timeout: 0,
    autoSelectFamily: true,
    lookup: (_hostname, { all }, answer) => {
      const [first] = pinned
      if (all) answer(null, pinned)
      else answer(null, first?.address ?? '', first?.family ?? 4)
    },
  })
  return new Promise((resolve, reject) => {
    connect({ hostname: host, host, protocol: secure ? 'https:' : 'http:', port: String(port) }, (error, socket) => {
      if (socket) resolve(socket)
      else reject(error ?? new Error('the connection could not be made'))
    })
  })
}
