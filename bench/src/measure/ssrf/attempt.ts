import { connect } from 'node:net'
import type { Socket } from 'node:net'

import type { Timers } from '../../../../packages/contracts/src/ports.ts'
import { ProviderError } from '../../../../packages/contracts/src/provider.ts'
import { startFakeServer } from '../../../../packages/plugin-api/src/testing.ts'
import { createEgress, parseBaseUrl } from '../../../../packages/provider-kit/src/index.ts'
import type { Dial, Lookup, NetworkConfig } from '../../../../packages/provider-kit/src/index.ts'
import type { UrlRow } from './url-row.ts'

/** What happened when a record was used. */
export interface Attempt {
  readonly answered: boolean
  /** The checked addresses of each connection that was opened, in order. */
  readonly connections: readonly (readonly string[])[]
}

const timers: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

/**
 * Sends one request through the real egress of a record. Look-ups are answered from the row. Connections the row permits
 * end at a witness that plays the row's redirects; all others really connect to the trap.
 */
export async function attempt(
  row: UrlRow,
  record: NetworkConfig,
  permitted: number,
  trapPort: number,
): Promise<Attempt> {
  const redirects = row.redirects.map(({ status, location }) => ({ status, headers: { location } }))
  const witness = await startFakeServer((_, index) => redirects[index] ?? { status: 200, body: [{ bytes: '{}' }] })
  const witnessPort = Number(new URL(witness.origin).port)
  const connections: (readonly string[])[] = []
  const dial: Dial = ({ addresses }) => {
    const port = connections.push(addresses) <= permitted ? witnessPort : trapPort
    return socketTo(port, addresses[0] ?? '')
  }
  try {
    return { answered: await isAnswered(record, dial, scriptedLookup(row)), connections }
  } finally {
    await witness.close()
  }
}

/** False when the policy refused; any other failure is a fault of this program and passes through. */
async function isAnswered(record: NetworkConfig, dial: Dial, lookup: Lookup): Promise<boolean> {
  try {
    const egress = createEgress(record, { timers, dial, lookup })
    try {
      const url = `${parseBaseUrl(record.base_url ?? '').href}/chat/completions`
      const { body } = await egress.request({ method: 'POST', url, headers: {}, streaming: false })
      for await (const _ of body);
      return true
    } finally {
      await egress.close()
    }
  } catch (error) {
    if (error instanceof ProviderError) return false
    throw error
  }
}

function scriptedLookup({ dns }: UrlRow): Lookup {
  const answers = new Map(Object.entries(dns).map(([host, given]) => [host.replace(/\.$/, ''), given]))
  const asked = new Map<string, number>()
  return (host) => {
    const turn = asked.get(host) ?? 0
    asked.set(host, turn + 1)
    const given = answers.get(host) ?? []
    return Promise.resolve(given[Math.min(turn, given.length - 1)] ?? [])
  }
}

/** A loopback socket that names the address it stands for, which the egress compares with what it checked. */
function socketTo(port: number, address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      resolve(Object.defineProperty(socket, 'remoteAddress', { value: address })),
    )
    socket.on('error', reject)
  })
}
