import { ProviderError } from '@ctxlock/contracts/provider'
import type { ChatRequest, OpenAiServerProfile, ResponseFormat, SamplingOptions } from '@ctxlock/contracts/provider'
import { present } from '@ctxlock/provider-kit'
import type { Json } from '@ctxlock/provider-kit'

type Reasoning = NonNullable<SamplingOptions['reasoning']>

/** How one server differs from what all of them accept. */
export interface ServerProfile {
  readonly displayName: string
  /** Reasoning models of OpenAI refuse `max_tokens`; other servers ignore `max_completion_tokens` without a word. */
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens'
  /** Where the server says that it is ready: below the origin, or its list of models. */
  readonly health: '/health' | '/models'
  /** Whether it loads and unloads models on request. */
  readonly loads: boolean
  /** Body members that switch reasoning, or nothing where the server has no such switch. */
  reasoning(value: Reasoning): Readonly<Record<string, Json>> | undefined
  responseFormat(format: ResponseFormat): Json
}

const generic: ServerProfile = {
  displayName: 'OpenAI-compatible server',
  outputLimit: 'max_tokens',
  health: '/models',
  loads: false,
  reasoning: (value) => (typeof value === 'string' ? { reasoning_effort: value } : undefined),
  responseFormat: (format) => {
    if (format.type === 'text') return { type: 'text' }
    if (format.type === 'json') return { type: 'json_object' }
    const { name, schema, strict } = format
    return { type: 'json_schema', json_schema: present({ name: name || 'answer', schema, strict }) }
  },
}

// Servers that render a chat template switch reasoning through its variables.
const templateReasoning: ServerProfile['reasoning'] = (value) =>
  typeof value === 'string' ? { reasoning_effort: value } : { chat_template_kwargs: { enable_thinking: value } }

const llamacpp: ServerProfile = {
  ...generic,
  displayName: 'llama.cpp server',
  health: '/health',
  reasoning: templateReasoning,
}

export const SERVER_PROFILES: Readonly<Record<OpenAiServerProfile, ServerProfile>> = {
  generic,
  openai: { ...generic, displayName: 'OpenAI', outputLimit: 'max_completion_tokens' },
  llamacpp,
  llamacpp_router: { ...llamacpp, displayName: 'llama.cpp router', loads: true },
  vllm: { ...generic, displayName: 'vLLM', health: '/health', reasoning: templateReasoning },
  lmstudio: {
    ...generic,
    displayName: 'LM Studio',
    // It refuses json_object; a schema that admits any object says the same.
    responseFormat: (format) =>
      generic.responseFormat(
        format.type === 'json' ? { type: 'json_schema', name: 'answer', schema: { type: 'object' } } : format,
      ),
  },
  openrouter: {
    ...generic,
    displayName: 'OpenRouter',
    reasoning: (value) => ({ reasoning: typeof value === 'string' ? { effort: value } : { enabled: value } }),
  },
  ollama: {
    ...generic,
    displayName: 'Ollama (OpenAI-compatible endpoint)',
    reasoning: (value) => ({ reasoning_effort: value === false ? 'none' : value === true ? 'medium' : value }),
  },
  litellm: { ...generic, displayName: 'LiteLLM proxy' },
}

/** Throws `not_supported` where a wish about reasoning would be dropped silently. */
export function reasoningMembers(profile: ServerProfile, request: ChatRequest): Readonly<Record<string, Json>> {
  if (request.reasoning === undefined) return {}
  const members = profile.reasoning(request.reasoning)
  if (members) return members
  throw new ProviderError(
    'not_supported',
    `${profile.displayName} has no plain switch for reasoning; ask for low, medium or high.`,
    {
      attempts: 0,
      reason: 'reasoning',
    },
  )
}
