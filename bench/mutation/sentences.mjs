/**
 * Tests do not pin what is said to people, so nothing is mutated in a text of three words or more, nor in what an error is made with but
 * its code. What is said to SQLite is.
 */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'sentences',
    value: { shouldIgnore: (path) => (isSentence(path) ? 'a sentence for people' : undefined) },
  },
]

const SQL = /^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|PRAGMA|BEGIN)\b/
const WORDS = /[\p{L}\d_.]+,? [\p{L}\d_]+,? [\p{L}\d_]+/u

function isSentence(path) {
  const texts = textsOf(path)
  if (texts === undefined || SQL.test(texts[0])) return false
  return texts.some((text) => WORDS.test(text)) || (texts.some((text) => text.includes(' ')) && isInError(path))
}

function textsOf(path) {
  if (path.isStringLiteral()) return [path.node.value]
  return path.isTemplateLiteral() ? path.node.quasis.map(({ value }) => value.raw) : undefined
}

function isInError(path) {
  const made = path.findParent((parent) => parent.isNewExpression())
  return made !== null && String(made.node.callee.name).endsWith('Error')
}
