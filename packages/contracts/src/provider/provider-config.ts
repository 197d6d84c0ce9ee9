// What a person writes about a provider, and what its plugin is given of it.
import { z } from 'zod'

import { Identifier, ModelTier, ParameterClass } from '../primitives.ts'

const ProviderId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)

/** At most a cent a token: a call's cost in micro-dollars stays a whole number, whatever counts a server gives. */
const UsdPerMillion = z.number().min(0).max(10_000)

const ProviderModel = z.strictObject({
  model_id: Identifier,
  parameter_class: ParameterClass.exactOptional(),
  max_context_tokens: z.int().min(1).exactOptional(),
  /** Megabytes the loaded model takes, for servers that do not say (SWAP-011). */
  memory_mb: z.int().min(0).exactOptional(),
  /** Other names the server may give this model in its answers (PROV-023). */
  aliases: z.array(Identifier).exactOptional(),
  /** What the provider asks for a million tokens, in US dollars; shown before a person consents to a cloud call (PROV-049). */
  price: z
    .strictObject({ input_usd_per_million: UsdPerMillion, output_usd_per_million: UsdPerMillion })
    .exactOptional(),
})

/** One entry of the provider registry file (spec 06 section 5). */
export const ProviderConfig = z
  .strictObject({
    provider_id: ProviderId,
    /** Name of a provider plugin: `extractive`, `ollama`, `openai_compat` or a third party's. */
    kind: Identifier,
    declared_tier: ModelTier,
    /** Untrusted input. `null` for providers without a network. */
    base_url: z.string().max(2048).nullable(),
    secret_ref: z.strictObject({ source: z.enum(['env', 'file', 'keychain']), name: Identifier }).nullable(),
    default_model_id: Identifier,
    models: z.array(ProviderModel),
    network: z.strictObject({
      allow_private_hosts: z.array(z.string().min(1).max(300)),
      allow_ports: z.array(z.int().min(1).max(65_535)),
      redirects: z.literal('deny'),
    }),
    defaults: z
      .strictObject({
        temperature: z.number().min(0).max(2).exactOptional(),
        timeout_ms: z.int().min(1).exactOptional(),
      })
      .exactOptional(),
    /** Options of the plugin itself, validated by the plugin's own schema. */
    options: z.record(z.string(), z.json()).exactOptional(),
    enabled: z.boolean(),
  })
  .meta({ id: 'ProviderConfig' })
export type ProviderConfig = z.infer<typeof ProviderConfig>

/** Times in milliseconds; an absent one takes the egress's default (PROV-021). */
export const ProviderTimeouts = z
  .strictObject({
    connect_ms: z.int().min(1).exactOptional(),
    /** From the request to the end of the response headers. A non-streamed answer is generated within it. */
    first_byte_ms: z.int().min(1).exactOptional(),
    /** Between two pieces of the response body. */
    idle_ms: z.int().min(1).exactOptional(),
    total_ms: z.int().min(1).exactOptional(),
  })
  .meta({ id: 'ProviderTimeouts' })
export type ProviderTimeouts = z.infer<typeof ProviderTimeouts>

/** What every HTTP provider plugin takes; adapters extend it with `.extend({ … })`. */
export const HttpProviderOptions = z
  .strictObject({
    provider_id: ProviderId,
    /** Untrusted input; checked again by the egress (PROV-035). */
    base_url: z.string().max(2048),
    /** The derived tier, not the declared one (PROV-045). */
    tier: ModelTier,
    models: z.array(ProviderModel).exactOptional(),
    timeouts: ProviderTimeouts.exactOptional(),
    /** Requests after the first; 2 when absent. */
    max_retries: z.int().min(0).max(10).exactOptional(),
    /** A server that asks for a longer wait is not waited for; 60,000 when absent. */
    max_retry_after_ms: z.int().min(0).max(3_600_000).exactOptional(),
    /** Counted after decompression; 16 MiB when absent. */
    max_response_bytes: z.int().min(1024).max(1_073_741_824).exactOptional(),
  })
  .meta({ id: 'HttpProviderOptions' })
export type HttpProviderOptions = z.infer<typeof HttpProviderOptions>

/** Which server an OpenAI-compatible provider talks to; `generic` sends only what all of them accept. */
export const OpenAiServerProfile = z
  .enum(['generic', 'openai', 'llamacpp', 'llamacpp_router', 'vllm', 'lmstudio', 'openrouter', 'ollama', 'litellm'])
  .meta({ id: 'OpenAiServerProfile' })
export type OpenAiServerProfile = z.infer<typeof OpenAiServerProfile>
