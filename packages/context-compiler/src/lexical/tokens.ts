// The one place that decides what a word is, for the index, for queries and for the windows cut around query words.

/** Changes whenever the same text could give other tokens; part of the index format. */
export const TOKENS_VERSION = `tokens@1/unicode-${process.versions.unicode ?? 'unknown'}`

const ASCII_WORD = /[A-Za-z0-9_]+/g
const ANY_WORD = /[\p{L}\p{N}\p{M}_]+/gu
const NOT_ASCII = /[\u0080-\uffff]/
const ASCII_PART = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g
const ANY_PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|\p{L}+/gu
/** Scripts written without spaces: their words are found by characters and pairs of characters. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu

/** Longer runs are encoded data, not words. */
const MAX_WORD_UNITS = 256
const MAX_TOKEN_UNITS = 64
const MAX_QUERY_TERMS = 64

// Identifiers repeat: splitting each once makes indexing several times faster. Bounded, because files are hostile.
const expansions = new Map<string, readonly string[]>()
const MAX_EXPANSIONS = 50_000

/** The tokens of a text in order, repeated as often as they occur; every token is free of spaces and quotes. */
export function tokenise(text: string): string[] {
  const words = text.match(NOT_ASCII.test(text) ? ANY_WORD : ASCII_WORD) ?? []
  const tokens: string[] = []
  for (const word of words) {
    if (word.length <= MAX_WORD_UNITS) for (const token of expansionOf(word)) tokens.push(token)
  }
  return tokens
}

/** The same tokens sorted, with spaces between: what the index keeps tells which words a text has, but not the text. */
export function wordBag(text: string): string {
  return tokenise(text).toSorted().join(' ')
}

/** Words too common to look for; kept when a query has no others. */
const STOP_WORDS = new Set(
  tokenise(
    'a about an and any are as at be been but by can could did do does for from had has have he her him his how i if in into is it ' +
      'its me my no not of on or our she should so some such than that the their them then there these they this those to ' +
      'was we were what when where which who why will with would you your',
  ),
)

/** The distinct terms to look for, in order of appearance; at most 64, stop words only when there is nothing else. */
export function queryTerms(text: string): string[] {
  const terms = new Set(tokenise(text))
  const wanted = [...terms].filter((term) => !STOP_WORDS.has(term))
  return (wanted.length > 0 ? wanted : [...terms]).slice(0, MAX_QUERY_TERMS)
}

function expansionOf(word: string): readonly string[] {
  const known = expansions.get(word)
  if (known) return known
  if (expansions.size >= MAX_EXPANSIONS) expansions.clear()
  const expansion = expand(word)
  expansions.set(word, expansion)
  return expansion
}

/** An identifier stands for itself and for each of its parts: `parseConfigFile2` also for parse, config, file and 2. */
function expand(word: string): string[] {
  if (!NOT_ASCII.test(word)) return withParts(word, word.match(ASCII_PART) ?? [])
  // Compatibility forms and marks go, so that full-width letters and a missing accent still match.
  const plain = word.normalize('NFKD').replace(/\p{M}+/gu, '')
  const runs = plain.match(UNSPACED) ?? []
  const rest = plain.replace(UNSPACED, ' ').match(ANY_WORD) ?? []
  return [
    ...runs.flatMap(charactersAndPairs),
    ...rest.flatMap((spaced) => withParts(spaced, spaced.match(ANY_PART) ?? [])),
  ]
}

function withParts(word: string, parts: readonly string[]): string[] {
  const whole = tokenOf(word.replaceAll('_', ''))
  const tokens = whole === '' ? [] : [whole]
  if (parts.length > 1) tokens.push(...parts.map(tokenOf).filter((token) => token !== ''))
  return tokens
}

function tokenOf(part: string): string {
  return part.length > MAX_TOKEN_UNITS ? '' : stem(part.toLowerCase())
}

function charactersAndPairs(run: string): string[] {
  const characters = Array.from(run)
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`)
  return [...characters, ...pairs]
}

/**
 * Takes the commonest English endings off, so that `verified`, `verifies` and `verify` meet. Both sides of every comparison
 * go through it; that it invents words (`statu`) does no harm.
 */
function stem(token: string): string {
  if (token.length < 4 || !/^[a-z]+$/.test(token)) return token
  let root = token
  if (root.endsWith('ies')) root = `${root.slice(0, -3)}y`
  else if (root.endsWith('s') && !root.endsWith('ss')) root = root.slice(0, -1)
  if (root.endsWith('ied')) root = `${root.slice(0, -3)}y`
  else root = withoutEnding(withoutEnding(root, 'ing'), 'ed')
  return root.length > 3 && root.endsWith('e') ? root.slice(0, -1) : root
}

function withoutEnding(word: string, ending: string): string {
  if (!word.endsWith(ending)) return word
  const root = word.slice(0, -ending.length)
  if (root.length < 3 || !/[aeiouy]/.test(root)) return word
  return root.length > 3 && /([bdgmnprt])\1$/.test(root) ? root.slice(0, -1) : root
}
