import { serverWord } from '../errors/error-text.ts'
import type { PrivateTexts } from '../errors/error-text.ts'

/**
 * The name under which a server says that a model answered, fit to be recorded: a name that is known as it is, any other by
 * `serverWord`. The server may put anything into it, the prompt too. Nothing when nothing is left of it.
 */
export function recordedModel(name: string | null, known: readonly string[], secrets: PrivateTexts): string | null {
  return name === null || known.includes(name) ? name : serverWord(name, secrets) || null
}
