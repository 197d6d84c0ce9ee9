import { isDigit, isWordUnit, wordBefore } from './characters.ts'
import { previousOffset } from './comments.ts'
import type { Source } from './source.ts'

/** Words an operand follows; after any other word, `/` divides and `<` compares. */
const OPERATOR_WORDS = new Set(
  'return typeof case in of delete void throw new do else instanceof yield await default extends'.split(' '),
)
/** Before parentheses that a statement follows. */
const HEAD_WORDS = new Set(['if', 'while', 'for', 'with'])
/** Before a brace that opens a block. */
const BLOCK_WORDS = new Set(['else', 'do', 'try', 'finally'])

/** Whether what stands at `at` starts an operand: `/` is then a regular expression and `<` an element. */
export function expectsOperand(source: Source, at: number): boolean {
  const { text } = source
  const previous = previousOffset(source, at)
  if (previous < 0) return true
  const unit = text.charCodeAt(previous)
  if (isWordUnit(unit)) return isOperatorWord(source, previous + 1)
  switch (text[previous]) {
    case ')':
      return HEAD_WORDS.has(wordBefore(text, previousOffset(source, source.lastOpened) + 1))
    case '}':
      return closesBlock(source)
    case ']':
    case '"':
    case "'":
    case '`':
      return false
    case '/':
      return previous + 1 !== source.lastRegularExpression
    case '+':
    case '-':
      return text.charCodeAt(previous - 1) !== unit
    case '!':
      return !endsOperand(source, previous)
    case '.':
      return !isDigit(text.charCodeAt(previous - 1))
    default:
      return true
  }
}

function isOperatorWord(source: Source, end: number): boolean {
  const { text } = source
  const word = wordBefore(text, end)
  const start = end - word.length
  // `a.return / 2` is a property.
  if (!OPERATOR_WORDS.has(word) || text[start - 1] === '.') return false
  // `of` is a name like any other, unless it follows what a loop assigns to.
  if (word !== 'of') return true
  const previous = previousOffset(source, start)
  const isAfterWord = isWordUnit(text.charCodeAt(previous)) && !OPERATOR_WORDS.has(wordBefore(text, previous + 1))
  return isAfterWord || text[previous] === ']' || text[previous] === '}'
}

/** Whether the brace that closed last was a block or body; otherwise it was an object. */
function closesBlock(source: Source): boolean {
  const { text } = source
  const previous = previousOffset(source, source.lastOpened)
  if (previous < 0) return true
  if (isWordUnit(text.charCodeAt(previous))) {
    const word = wordBefore(text, previous + 1)
    return BLOCK_WORDS.has(word) || !OPERATOR_WORDS.has(word)
  }
  return ')>;{}]'.includes(text[previous] ?? '')
}

/** Whether what ends right before `at` is an operand: `a!` asserts, ` !a` negates. */
function endsOperand(source: Source, at: number): boolean {
  const unit = source.text.charCodeAt(at - 1)
  return unit === 0x29 || unit === 0x5d || (isWordUnit(unit) && !isOperatorWord(source, at))
}
