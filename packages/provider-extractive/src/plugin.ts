import { HttpProviderOptions } from '@ctxlock/contracts/provider'
import { definePlugin } from '@ctxlock/plugin-api'

import { createExtractive, extractiveEncoder } from './extractive.ts'

/** The provider plugin `extractive`: the default of a workspace without a config. */
export const extractivePlugin = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'provider',
  name: 'extractive',
  // The part of a provider's options that means anything without a network.
  options: HttpProviderOptions.pick({ provider_id: true, models: true }),
  create: createExtractive,
  encoder: extractiveEncoder,
})
