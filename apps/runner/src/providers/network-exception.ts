import type { Environment } from '@ctxlock/contracts/ports'
import { canonicalHash } from '@ctxlock/core-hash'
import type { Recorder } from '@ctxlock/flight-recorder'

import type { DirectoryOptions } from './provider-directory.ts'

/** Records that a connection was made which only an entry in `allow_private_hosts` permits (PROV-043). */
export function networkExceptionRecorder({
  recorder,
  environment,
}: {
  readonly recorder: Pick<Recorder, 'record'>
  readonly environment: Environment
}): DirectoryOptions['onNetworkException'] {
  return ({ providerId, hostAndPort }) => {
    recorder.record({
      actor: 'system',
      trace_id: environment.random.uuid(),
      fr_event_id: 'FR-EVT-X-NET-001',
      type: 'network_exception_used',
      payload: { provider_id: providerId, host_hash: canonicalHash(hostAndPort), rule: 'allow_private_hosts' },
    })
  }
}
