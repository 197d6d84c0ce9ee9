/** One statement. Offsets are UTF-16, `end` behind its last character. */
export interface SqlStatement {
  readonly start: number
  readonly end: number
}

export interface SqlText {
  readonly statements: readonly SqlStatement[]
  /** Comments that stand before, between or in statements. */
  readonly comments: readonly SqlStatement[]
}

/** A line that ends a batch or sets another delimiter; otherwise a comment, a quote, a word or a character. */
const TOKEN =
  /^[ \t]*(?<directive>GO|DELIMITER[ \t]+(?<delimiter>\S+))[ \t]*(?=\r?$)|--[^\n]*|\/\*|'|"|`|\$[A-Za-z_]?\w*\$|[A-Za-z_][\w$]*|\S/gimy
const ROUTINE = /^\s*(?:CREATE|ALTER)\b[^;]{0,200}?\b(?:PROC|PROCEDURE|FUNCTION|TRIGGER|PACKAGE|EVENT)\b/i
const GO = /^[ \t]*GO[ \t]*\r?$/im
const MAX_STATEMENTS = 20_000

/**
 * Splits a script where its statements end: at `;`, at another delimiter the script sets, at a line with GO. Quotes, dollar
 * quotes, comments (which nest in some dialects) and the bodies of routines hide what is in them. One pass over the text.
 */
export function splitSql(text: string): SqlText {
  const statements: SqlStatement[] = []
  const comments: SqlStatement[] = []
  // MySQL quotes names with backticks and escapes with backslashes; the others do neither.
  const hasBackslashes = text.includes('`')
  const hasBatches = GO.test(text)
  let delimiter = ';'
  let start = -1
  let blocks = 0
  let isRoutine = false
  let previous = ''
  const close = (end: number): void => {
    if (start !== -1) statements.push({ start, end })
    start = -1
    blocks = 0
  }
  TOKEN.lastIndex = 0
  for (let at = 0; at < text.length && statements.length < MAX_STATEMENTS;) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) {
      at += 1
      continue
    }
    const [token] = match
    const { directive, delimiter: newDelimiter } = match.groups ?? {}
    const end = endOfToken(text, at, token, hasBackslashes)
    if (token.startsWith('--') || token === '/*') comments.push({ start: at, end })
    else if (directive !== undefined) {
      close(at)
      delimiter = newDelimiter ?? delimiter
    } else if (delimiter !== ';' && text.startsWith(delimiter, at)) {
      close(at)
      at += delimiter.length
      continue
    } else {
      if (start === -1) {
        start = at
        isRoutine = ROUTINE.test(text.slice(at, at + 400))
      }
      const word = token.toUpperCase()
      if (isRoutine) blocks = Math.max(0, blocks + blockChange(word, previous))
      if (token === ';') {
        if (delimiter === ';' && blocks === 0 && !(isRoutine && hasBatches)) close(end)
      }
      previous = word
    }
    at = end
  }
  close(text.trimEnd().length)
  return { statements, comments }
}

/** BEGIN and CASE open a block of a routine, END closes one; `END IF` and its like close what opened none here. */
function blockChange(word: string, previous: string): number {
  if (word === 'BEGIN' || (word === 'CASE' && previous !== 'END')) return 1
  if (word === 'END') return -1
  return /^(?:IF|LOOP|WHILE|REPEAT|FOR)$/.test(word) && previous === 'END' ? 1 : 0
}

function endOfToken(text: string, at: number, token: string, hasBackslashes: boolean): number {
  if (token === '/*') return endOfComment(text, at)
  if (token === "'" || token === '"' || token === '`') {
    const prefix = text[at - 1]
    return endOfQuote(text, at, token, hasBackslashes || prefix === 'E' || prefix === 'e')
  }
  if (token.startsWith('$')) {
    const close = text.indexOf(token, at + token.length)
    return close === -1 ? text.length : close + token.length
  }
  return at + token.length
}

function endOfComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  let depth = 0
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

/** A doubled quote stands for itself. */
function endOfQuote(text: string, start: number, quote: string, hasBackslashes: boolean): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (hasBackslashes && text[at] === '\\') at += 1
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1
      at += 1
    }
  }
  return text.length
}
