import type { PluginContext } from '@ctxlock/contracts/plugin'
import type { CompletionRequest, LlmClient } from '@ctxlock/contracts/provider'
import { createHttpProvider, type Dialect, NO_CAPABILITIES, notABase, parseBaseUrl } from '@ctxlock/provider-kit'

import { administration } from './administration.ts'
import { CARRIED_OPTIONS, chatBody } from './chat-body.ts'
import { FINISH_REASONS, readChat } from './chat-answer.ts'
import type { OpenAiCompatOptions } from './options.ts'
import { SERVER_PROFILES } from './server-profile.ts'

/**
 * A client of an OpenAI-compatible server. Makes no request by itself. Throws `invalid_config` for an unusable base URL.
 */
export function createOpenAiCompat(options: OpenAiCompatOptions, context: PluginContext): LlmClient {
  const { profile: _, ...common } = options
  return createHttpProvider(openAiCompatDialect(options), common, context)
}

/** The wire of a server that speaks this protocol. */
export function openAiCompatDialect({ profile: name = 'generic', base_url }: OpenAiCompatOptions): Dialect {
  const profile = SERVER_PROFILES[name]
  const baseUrl = parseBaseUrl(base_url)
  const path = '/chat/completions'
  const carries = CARRIED_OPTIONS
  return {
    displayName: profile.displayName,
    capabilities: {
      ...NO_CAPABILITIES,
      chat: true,
      complete: true,
      stream: true,
      tools: true,
      json_schema: true,
      embed: true,
      list: true,
      load: profile.loads,
      reasoning: true,
      seed: true,
      cached_tokens: true,
      usage: 'provider',
    },
    root: apiRoot(baseUrl.href),
    framing: 'sse',
    finishReasons: FINISH_REASONS,
    chat: { path, carries, body: (request, stream) => chatBody(profile, request, stream), read: readChat },
    // One user message, as spec 06 section 4 demands: servers' own /completions differ in usage and templates.
    completion: {
      path,
      carries,
      body: (request, stream) => chatBody(profile, asChat(request), stream),
      read: readChat,
    },
    ...administration(profile, baseUrl.origin),
  }
}

/** The configured URL when it already ends in a version segment, else that plus `/v1` (PROV-018). Throws `invalid_config` for the URL of a request. */
export function apiRoot(href: string): string {
  const [endpoint] = /\/(?:(?:chat\/)?completions|embeddings|models|responses)$/.exec(href) ?? []
  if (endpoint !== undefined) throw notABase(`it ends in ${endpoint}; give what stands before that`)
  return /\/v\d+[a-z]*\d*$/.test(href) ? href : `${href}/v1`
}

function asChat({ prompt, ...sampling }: CompletionRequest) {
  return { ...sampling, messages: [{ role: 'user', content: prompt } as const] }
}
