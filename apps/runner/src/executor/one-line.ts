import type { Redactor } from '@ctxlock/contracts/ports'

/** Text of a model or a command as records may hold it: redacted, on one line, at most `limit` code points. */
export function oneLine(text: string, redactor: Pick<Redactor, 'redact'>, limit = 400): string {
  const plain = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return Array.from(redactor.redact(plain.slice(0, 4 * limit)).text)
    .slice(0, limit)
    .join('')
}
