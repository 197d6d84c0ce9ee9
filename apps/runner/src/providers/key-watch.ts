import type { SecretHolder } from '@ctxlock/contracts/plugin'
import { ProviderError, type StreamEvent } from '@ctxlock/contracts/provider'

export interface KeyWatch {
  /** What may be shown of an answer so far: its end is kept back while it could become the key. Throws like `judge`. */
  pass(event: StreamEvent): StreamEvent
  /** What was kept back and turned out to be no key. */
  rest(): readonly StreamEvent[]
  /** Throws `protocol` with reason `key_in_answer` where the key stands anywhere in what a server said: text, calls, names of models. */
  judge(said: unknown): void
}

/** Shorter ones stand in ordinary text. */
const SHORTEST_KEY = 8

/**
 * Looks for the provider's key in what its server answers: a gateway that repeats the headers it got must not bring the key into a
 * terminal, a record or what is exported from one (PROV-030, PROV-033).
 */
export function watchForKey(secret: SecretHolder): KeyWatch {
  const key = keyOf(secret)
  const keptBack = { text: '', reasoning: '' }
  const isWatched = key.length >= SHORTEST_KEY
  return {
    pass({ type, text }) {
      const pending = keptBack[type] + text
      if (isWatched && pending.includes(key)) throw keyInAnswer()
      const sure = pending.length - beginningOf(key, pending)
      keptBack[type] = pending.slice(sure)
      return { type, text: pending.slice(0, sure) }
    },
    rest: () => [
      { type: 'reasoning', text: keptBack.reasoning },
      { type: 'text', text: keptBack.text },
    ],
    judge(said) {
      // As it stands inside a JSON text.
      if (isWatched && JSON.stringify(said ?? null).includes(JSON.stringify(key).slice(1, -1))) throw keyInAnswer()
    },
  }
}

/** How many of the last characters of a text are the first of the key. */
function beginningOf(key: string, text: string): number {
  if (key.length < SHORTEST_KEY) return 0
  for (let at = Math.max(0, text.length - key.length + 1); at < text.length; at += 1)
    if (key.startsWith(text.slice(at))) return text.length - at
  return 0
}

function keyOf(secret: SecretHolder): string {
  try {
    return secret.present ? secret.bearer().replace(/^Bearer /, '') : ''
  } catch {
    return '' // A key that cannot be read was not sent either.
  }
}

function keyInAnswer(): ProviderError {
  return new ProviderError(
    'protocol',
    'The answer holds the key of this provider. It is withheld: whoever runs the server sees the key and repeats it.',
    { reason: 'key_in_answer', retryable: false },
  )
}
