import { isIP } from 'node:net'

import type { HostPlace } from '@ctxlock/governance'
import { classifyAddress, parseBaseUrl } from '@ctxlock/provider-kit'

import { onceFor, rememberValues } from '../session/remembered-values.ts'

/** Asked twice for each model of each call, about the few providers of a config. */
const known = rememberValues<HostPlace>(64)

/** Where the host of a base URL is, by its spelling alone; the egress checks the address it really connects to. */
export function classifyHost(baseUrl: string): HostPlace {
  return onceFor(known, baseUrl, () => placeOf(baseUrl))
}

function placeOf(baseUrl: string): HostPlace {
  let host: string
  try {
    host = parseBaseUrl(baseUrl).host
  } catch {
    return 'none'
  }
  if (isIP(host) !== 0) {
    const place = classifyAddress(host)
    return place === 'public' || place === 'loopback' ? place : 'private'
  }
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback'
  return host.includes('.') && !/\.(?:local|internal|lan|home\.arpa)$/.test(host) ? 'public' : 'private'
}
