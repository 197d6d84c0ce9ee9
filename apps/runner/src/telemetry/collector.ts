import type { ProviderError } from '@ctxlock/contracts/provider'
import { classifyAddress, parseBaseUrl } from '@ctxlock/provider-kit'

import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { openEgress } from '../providers/open-egress.ts'
import type { Collector } from './send-spans.ts'

/** Where telemetry goes. It comes from the command line or the person's environment, never from a config that came with sources. */
export interface CollectorPlace {
  readonly endpoint: string
  /** `host:port` of a private address that may be reached. */
  readonly allowPrivateHosts: readonly string[]
  /** As OTEL_EXPORTER_OTLP_HEADERS has them: `key=value,key=value`, values percent-encoded. */
  readonly headers: string
}

const DEFAULT_ENDPOINT = 'http://127.0.0.1:4318'

export function collectorPlace(
  given: { readonly endpoint?: string; readonly allowPrivateHost: readonly string[] },
  variables: NodeJS.ProcessEnv,
): CollectorPlace {
  return {
    endpoint: given.endpoint ?? variables['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? DEFAULT_ENDPOINT,
    allowPrivateHosts: given.allowPrivateHost,
    headers: variables['OTEL_EXPORTER_OTLP_HEADERS'] ?? '',
  }
}

/** Opens the way there through the checked egress. Throws `ProviderError` for a place it refuses, and `OTLP_HEADERS_INVALID`. */
export function openCollector({ endpoint, allowPrivateHosts, headers }: CollectorPlace): Collector {
  const { href, host, hostAndPort, port } = parseBaseUrl(endpoint)
  const isHere = host === 'localhost' || classifyAddress(host) === 'loopback'
  const isLocal = isHere || allowPrivateHosts.includes(hostAndPort)
  return {
    url: `${href}/v1/traces`,
    headers: parseHeaders(headers),
    egress: openEgress(
      {
        base_url: href,
        declared_tier: isLocal ? 'local' : 'cloud',
        network: { allow_private_hosts: [...allowPrivateHosts], allow_ports: [port], redirects: 'deny' },
      },
      { timers: nodeEnvironment.timers },
    ),
    environment: nodeEnvironment,
  }
}

function parseHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
      const decoded = value === undefined ? undefined : decodedValue(value)
      if (name === undefined || decoded === undefined) throw headersInvalid()
      return [name.toLowerCase(), decoded]
    }),
  )
}

function decodedValue(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

function headersInvalid(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'OTLP_HEADERS_INVALID',
    message: 'expected OTEL_EXPORTER_OTLP_HEADERS as key=value pairs with commas between them',
    hint: 'Percent-encode commas and blanks in values.',
  })
}

/** A collector that may not be reached, could not be, or did not take what it got. */
export function notTaken(endpoint: string, error: ProviderError): CommandError {
  const isRefused = error.code === 'ssrf_blocked' || error.code === 'invalid_config'
  const status = error.status === undefined ? '' : `, HTTP ${error.status}`
  return new CommandError(
    {
      exit: isRefused ? EXIT_CODE.usage : EXIT_CODE.provider,
      code: 'OTLP_NOT_TAKEN',
      message: isRefused
        ? `nothing was sent to ${endpoint}. ${error.message}`
        : `${endpoint} did not take the spans (${error.code}${status})`,
      hint: isRefused
        ? 'Name a collector on this machine, one that is reached by https, or a private one that `--allow-private-host <host:port>` lets through.'
        : 'Name another collector with --endpoint, or export again: nothing is lost, and it goes on where the last batch was taken.',
    },
    { cause: error },
  )
}
