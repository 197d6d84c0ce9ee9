/** A string, a line comment, a block comment; what does not end reaches to the end, so that every unit is read once. */
const TOKEN = /"(?:[^"\\]+|\\[^])*(?:"|$)|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/g
const STRING_OR_COMMA = /"(?:[^"\\]+|\\[^])*(?:"|$)|,(?=\s*[\]}])/g
const NO_LINE_END = /[^\r\n]/g

/** The same text with blanks for comments and trailing commas, so that every place stays where it was. */
export function withoutComments(text: string): string {
  return text
    .replace(TOKEN, (token) => (token.startsWith('"') ? token : token.replace(NO_LINE_END, ' ')))
    .replace(STRING_OR_COMMA, (token) => (token === ',' ? ' ' : token))
}

/** The comments of a text alone, with blanks for all else. */
export function commentsOf(text: string): string {
  let comments = ''
  let from = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token.startsWith('"')) continue
    comments += text.slice(from, index).replace(NO_LINE_END, ' ') + token
    from = index + token.length
  }
  return comments
}
