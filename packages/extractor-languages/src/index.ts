export { languageExtractors } from './language-extractors.ts'
export { LanguageError, type LanguageErrorCode } from './language-error.ts'
