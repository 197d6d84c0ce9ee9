// What a value looks like. Rules that go by a name (`token = "…"`) need it to tell a secret from `token = nextToken()`.

/** Written by the redactor itself, or meant to be filled in by somebody. */
export function isPlaceholder(value: string): boolean {
  return (
    value.startsWith('[REDACTED:') ||
    /\$\{|\{\{|\$\(|<[^>]*>|\.{3}|…|%s|\*{3}/.test(value) ||
    /^(?:\$[\w{(]|%[A-Z])|^\{|process\.env|environ/.test(value) ||
    isFilledUp(value) ||
    /change-?_?me|placeholder|example|your[-_ ]|dummy|not-a-real|redacted|insert[-_]/i.test(value)
  )
}

/** `xxxxxxxxxxxx`, `sk-000000000000`. Tokens with a fixed middle part such as `AAAAAAAAAA` have more beside it. */
function isFilledUp(value: string): boolean {
  return /(.)\1{5}/u.test(value) && value.replace(/(.)\1{5,}/gu, '').length < 20
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * True for text nobody would write by hand: a part of ten or more letters and digits that mixes both, or a long text that
 * changes between small letters, capitals and digits at every third character. Names made of words, versions, dates,
 * UUIDs and URLs are not.
 */
export function looksRandom(value: string): boolean {
  if (UUID.test(value) || value.includes('://')) return false
  const digits = value.replace(/[^0-9]/g, '').length
  if (digits < 2) return value.length >= 16 && mixesCase(value)
  if (value.split(/[^A-Za-z0-9+]/).some(mixesLettersAndDigits)) return true
  return value.length >= 16 && changesOften(value)
}

/** True for letters whose case follows no rule; in names such as `newTokenFactory` hardly a small letter stands alone. */
export function mixesCase(value: string): boolean {
  const alone = value.match(/(?<![a-z])[a-z](?![a-z])/g)?.length ?? 0
  return alone >= 2 && changesOften(value)
}

/** `CachedX509Token`: a name of whole words with few other characters. In random text hardly four letters in a row are small. */
export function isMadeOfWords(value: string): boolean {
  const words =
    value
      .match(/[A-Z]?[a-z]{3,}/g)
      ?.filter((word) => word.length > 3)
      .join('') ?? ''
  return /[A-Z]/.test(value) && words.length > value.length * 0.65
}

/** `next`, `Cache-Control`, `settings.json`, `modelNameOfTheRepository`. */
export function looksLikeWords(value: string): boolean {
  return /^[A-Z]?[a-z]*(?:[_/.:-][A-Z]?[a-z]*)*$/.test(value) || (isMadeOfWords(value) && !looksRandom(value))
}

function changesOften(value: string): boolean {
  const changes = value.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g)?.length ?? 0
  return changes * 3 >= value.length
}

function mixesLettersAndDigits(part: string): boolean {
  const digits = part.replace(/[^0-9]/g, '').length
  return part.length >= 10 && digits >= 2 && part.length - digits >= 2
}

/** True when a word has more than one kind of character, as passwords are asked to: `hunter2`, `nPpMsWpJ`, `T5c$pu`. */
export function isVaried(value: string): boolean {
  const rest = value.replace(/^[A-Z](?=[a-z])/, '')
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[!"#$%&'()*+,;<=>?@[\\\]^`{|}~]/].filter((kind) => kind.test(rest))
  return kinds.length >= 2
}
