import type { PluginContext } from '@ctxlock/contracts/plugin'
import type { CompletionRequest, LlmClient } from '@ctxlock/contracts/provider'
import { createHttpProvider, NO_CAPABILITIES, parseBaseUrl } from '@ctxlock/provider-kit'

import { administration } from './administration.ts'
import { CARRIED_OPTIONS, chatBody } from './chat-body.ts'
import { FINISH_REASONS, readChat } from './chat-answer.ts'
import type { OpenAiCompatOptions } from './options.ts'
import { SERVER_PROFILES } from './server-profile.ts'

/**
 * A client of an OpenAI-compatible server. Makes no request by itself. Throws `invalid_config` for an unusable base URL.
 */
export function createOpenAiCompat(options: OpenAiCompatOptions, context: PluginContext): LlmClient {
  const { profile: name = 'generic', ...common } = options
  const profile = SERVER_PROFILES[name]
  const baseUrl = parseBaseUrl(options.base_url)
  const path = '/chat/completions'
  const carries = CARRIED_OPTIONS
  return createHttpProvider(
    {
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
    },
    common,
    context,
  )
}

/** The configured URL when it already ends in a version segment, else that plus `/v1` (PROV-018). */
export function apiRoot(href: string): string {
  return /\/v\d+[a-z]*\d*$/.test(href) ? href : `${href}/v1`
}

function asChat({ prompt, ...sampling }: CompletionRequest) {
  return { ...sampling, messages: [{ role: 'user', content: prompt } as const] }
}
