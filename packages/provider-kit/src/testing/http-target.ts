import type { ProviderTarget } from '@ctxlock/plugin-api/testing'

import { createTestContext } from './test-context.ts'

/** What every provider made by `createHttpProvider` says alike to `providerConformance`: a model, its options, a context that opens sockets. */
export const HTTP_TARGET = {
  model: 'm1',
  options: ({ baseUrl, maxRetries, maxResponseBytes }) => ({
    provider_id: 'under-test',
    base_url: baseUrl,
    tier: 'local',
    max_retries: maxRetries,
    max_response_bytes: maxResponseBytes,
  }),
  context: createTestContext,
} as const satisfies Pick<ProviderTarget, 'model' | 'options' | 'context'>
