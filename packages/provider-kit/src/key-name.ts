import { classifyAddress } from './network/address-class.ts'
import { parseBaseUrl } from './network/base-url.ts'

/** What the documentation of each service calls its key. */
const KEY_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['api.openai.com', ['OPENAI_API_KEY']],
  ['openrouter.ai', ['OPENROUTER_API_KEY']],
  ['api.mistral.ai', ['MISTRAL_API_KEY']],
  ['api.groq.com', ['GROQ_API_KEY']],
  ['api.together.xyz', ['TOGETHER_API_KEY']],
  ['api.deepseek.com', ['DEEPSEEK_API_KEY']],
  ['api.x.ai', ['XAI_API_KEY']],
  ['api.fireworks.ai', ['FIREWORKS_API_KEY']],
  ['api.cerebras.ai', ['CEREBRAS_API_KEY']],
  ['api.anthropic.com', ['ANTHROPIC_API_KEY']],
  ['generativelanguage.googleapis.com', ['GEMINI_API_KEY', 'GOOGLE_API_KEY']],
  ['router.huggingface.co', ['HF_TOKEN']],
  ['ollama.com', ['OLLAMA_API_KEY']],
])

/** Variables that somebody set for ctxlock, whatever they hold. */
const OWN_PREFIX = 'CTXLOCK_'

/**
 * Names of variables that hold a key for this base URL: those its service documents, and every one that begins with `CTXLOCK_`.
 * A config comes with a repository: without this list it could name any variable of the machine, and have its value sent as
 * a key to a server of its own. `undefined` when every name will do, because the key stays on this machine: loopback, or no
 * network. Throws `invalid_config` for an unusable base URL.
 */
export function keyNames(baseUrl: string | null): readonly string[] | undefined {
  if (baseUrl === null) return undefined
  const { host } = parseBaseUrl(baseUrl)
  if (host === 'localhost' || host.endsWith('.localhost') || classifyAddress(host) === 'loopback') return undefined
  return [...(KEY_NAMES.get(host) ?? []), `${OWN_PREFIX}*`]
}

/** Whether a provider at this base URL may be given what the variable of this name holds. */
export function mayHoldKey(baseUrl: string | null, name: string): boolean {
  const names = keyNames(baseUrl)
  return names === undefined || names.includes(name) || (name.startsWith(OWN_PREFIX) && name.length > OWN_PREFIX.length)
}
