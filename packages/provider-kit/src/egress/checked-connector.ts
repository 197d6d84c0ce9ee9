import { lookup as dnsLookup } from 'node:dns/promises'
import { connect as connectTcp, isIP } from 'node:net'
import type { LookupFunction, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import { ProviderError } from '@ctxlock/contracts/provider'
import type { buildConnector } from 'undici'

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
  /** Aborts when nobody waits for the socket any more. */
  readonly signal: AbortSignal
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

export interface CheckedConnector {
  readonly connect: buildConnector.connector
  /** Gives up the oldest attempts beyond `wanted`: undici has no way to end an attempt that its request left. */
  limitAttempts(wanted: number): void
}

/**
 * An undici connector that connects only to addresses it has just checked (PROV-039, PROV-040): IP literals and every
 * resolved address alike. One refused answer refuses the host, so a mixed or rebinding answer is no way in.
 */
export function checkedConnector(options: ConnectorOptions): CheckedConnector {
  const attempts = new Set<AbortController>()
  const open = async ({ hostname, protocol, port }: buildConnector.Options): Promise<Socket> => {
    const attempt = new AbortController()
    attempts.add(attempt)
    try {
      const secure = protocol === 'https:'
      const target = { host: bareHost(hostname), port: port === '' ? (secure ? 443 : 80) : Number(port), secure }
      const addresses = await checkedAddresses(target.host, options)
      if (attempt.signal.aborted)
        throw new ProviderError('network', 'The connection was given up.', { reason: 'ABANDONED' })
      return verified(await options.dial({ ...target, addresses, signal: attempt.signal }), addresses)
    } finally {
      attempts.delete(attempt)
    }
  }
  return {
    connect: (target, settle) => {
      open(target).then(
        (socket) => settle(null, socket),
        (error: unknown) =>
          settle(error instanceof Error ? error : new Error('the connection could not be made'), null),
      )
    },
    limitAttempts(wanted) {
      for (const attempt of [...attempts].slice(0, Math.max(0, attempts.size - wanted))) attempt.abort()
    },
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

/** Tries the checked addresses in turn and never looks the name up again; TLS still proves the name. */
export const dialChecked: Dial = ({ host, port, secure, addresses, signal }) => {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }))
  const lookup: LookupFunction = (_hostname, { all }, answer) => {
    if (all) answer(null, pinned)
    else answer(null, pinned[0]?.address ?? '', pinned[0]?.family ?? 4)
  }
  const target = { host, port, lookup, autoSelectFamily: true, noDelay: true, keepAlive: true }
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket = secure ? connectTls({ ...target, ...servername, ALPNProtocols: ['http/1.1'] }) : connectTcp(target)
  return new Promise((resolve, reject) => {
    const onAbort = (): void => void socket.destroy(new Error('the connection was given up'))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(socket)
    })
    // Stays: undici adds its own listener only after it has the socket.
    socket.on('error', reject)
  })
}
