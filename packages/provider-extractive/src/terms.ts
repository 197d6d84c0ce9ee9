const WORD = /[\p{L}\p{N}\p{M}_]+/gu
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|\p{L}/gu
/** Scripts written without spaces: each character is a term. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u
/** Longer runs are encoded data, not words. */
const LONGEST_WORD = 128
const MOST_QUERY_TERMS = 64

const COMMON = new Set(
  (
    'a about all also an and any are as at be because been but by can could did do does each every find for from get give ' +
    'had has have how i if in into is it its made make may me must my need no not of on one only or other our out please ' +
    'say same shall should show so some such tell than that the their them then there these they this those to up us use ' +
    'used was way we were what when where which who why will with would you your'
  ).split(' '),
)

/** The words of a text in order, as written. */
export function wordsOf(text: string): readonly string[] {
  return text.match(WORD) ?? []
}

/** What a word is found by: an identifier stands for itself and for each of its parts. */
export function termsOf(word: string): string[] {
  if (word.length > LONGEST_WORD) return []
  const parts = UNSPACED.test(word) ? Array.from(word) : (word.match(PART) ?? [])
  const whole = stem(word.toLowerCase())
  return parts.length > 1 ? [whole, ...parts.map((part) => stem(part.toLowerCase()))] : [whole]
}

/** The distinct terms worth looking for, in order of appearance; common words only when there is nothing else. */
export function queryTerms(question: string): string[] {
  const all = new Set(wordsOf(question).flatMap(termsOf))
  const wanted = [...all].filter((term) => !COMMON.has(term))
  return (wanted.length > 0 ? wanted : [...all]).slice(0, MOST_QUERY_TERMS)
}

/** Takes common English endings off, so that `expires` and `expired` meet. Both sides of a comparison go through it. */
function stem(word: string): string {
  if (COMMON.has(word) || !/^[a-z]+$/.test(word)) return word
  if (word.length < 5) return word.replace(/s$/, '')
  const root = word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/(?:ing|ed|es|s)$/, '')
  const kept = root.length < 4 ? word : root
  return kept.length > 4 ? kept.replace(/e$/, '') : kept
}
