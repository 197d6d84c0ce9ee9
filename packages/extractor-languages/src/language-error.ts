export type LanguageErrorCode = 'GRAMMAR_MISSING' | 'GRAMMAR_CHANGED'

/** The installation is broken; a file that cannot be read is a refusal, not an error. */
export class LanguageError extends Error {
  override readonly name = 'LanguageError'
  readonly code: LanguageErrorCode

  constructor(code: LanguageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
