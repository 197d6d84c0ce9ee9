import { HttpProviderOptions, OpenAiServerProfile } from '@ctxlock/contracts/provider'

/** Options of the `openai_compat` plugin: those of every HTTP provider, and which server is behind the URL. */
export const OpenAiCompatOptions = HttpProviderOptions.extend({
  /** `generic` when absent. */
  profile: OpenAiServerProfile.exactOptional(),
})

export interface OpenAiCompatOptions extends HttpProviderOptions {
  readonly profile?: OpenAiServerProfile
}
