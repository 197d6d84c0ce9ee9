import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { BRACES, endOf, escapedEnd, interpolatedEnd, quotesEnd, type Interpolation } from './literals.ts'

const csharpLexis: Lexis = {
  containers: new Set(['namespace', 'class', 'struct', 'interface', 'record', 'enum', 'extension']),
  comments: ['comment', 'comment'],
  hash: 'line',
  literalEnd: (text, at) => (text.charAt(at) === '`' ? at : stringEnd(text, at, 0)),
}

const interpolation = (isVerbatim: boolean): Interpolation => ({
  closed(text, at) {
    return text.charAt(at) !== '"' || (isVerbatim && text.charAt(at + 1) === '"') ? at : at + 1
  },
  opened: (text, at) => (text.charAt(at) === '{' && text.charAt(at + 1) !== '{' ? at + 1 : at),
  pair: BRACES,
  width: (text, at) =>
    /^(?:\{\{|"")/.test(text.slice(at, at + 2)) || (!isVerbatim && text.charAt(at) === '\\') ? 2 : 1,
})
const INTERPOLATED = interpolation(false)
const VERBATIM_INTERPOLATED = interpolation(true)

function stringEnd(text: string, at: number, depth: number): number | undefined {
  if (text.charAt(at) === "'") return escapedEnd(text, at)
  const prefix = /[$@]{0,8}$/.exec(text.slice(Math.max(0, at - 8), at))?.[0] ?? ''
  const isVerbatim = prefix.includes('@')
  const quotes = quotesEnd(text, at) - at
  if (!isVerbatim && quotes >= 3) {
    const end = endOf(text, '"'.repeat(quotes), at + quotes)
    return end === undefined ? undefined : quotesEnd(text, end)
  }
  if (prefix.includes('$'))
    return interpolatedEnd(text, at + 1, isVerbatim ? VERBATIM_INTERPOLATED : INTERPOLATED, stringEnd, depth)
  return isVerbatim ? verbatimEnd(text, at) : escapedEnd(text, at)
}

function verbatimEnd(text: string, at: number): number | undefined {
  for (let end = endOf(text, '"', at + 1); end !== undefined; end = endOf(text, '"', end + 1))
    if (text.charAt(end) !== '"') return end
  return undefined
}

export function foldCsharp(text: string): Folds | undefined {
  return foldBraces(text, csharpLexis)
}
