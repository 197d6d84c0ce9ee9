import { canonicalize } from '../../../../packages/core-hash/src/index.ts'

/** Every number of four digits. */
export const SECRETS: readonly string[] = Array.from({ length: 10_000 }, (_, number) => String(number).padStart(4, '0'))

/** A text with another secret in the place of its own. */
export function withSecret(text: string, secret: string): string {
  return text.replace(/(?<![0-9a-f])(?:4821|7316|5093|2648)(?![0-9a-f])/g, secret)
}

/** How a text may stand where somebody hashes it. */
export function formsOf(text: string): string[] {
  const canonical = (value: Parameters<typeof canonicalize>[0]) => canonicalize(value)
  return [
    text,
    `${text}\n`,
    ` ${text}`,
    text.toLowerCase(),
    text.toUpperCase(),
    text.toLowerCase().replaceAll(/[^a-z0-9 ]/g, ''),
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9 ]/g, ' ')
      .trim(),
    JSON.stringify(text),
    `"role":"user","content":${JSON.stringify(text)}`,
    canonical({ content: text, role: 'user' }),
    canonical({ content: text, role: 'assistant' }),
    canonical([{ content: text, role: 'user' }]),
    canonical({ question: text }),
    canonical({ query: text }),
    canonical({ text }),
    canonical({ answer: text }),
    `prompt:${text}`,
  ]
}
