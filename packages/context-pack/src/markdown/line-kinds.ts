// What one line of Markdown is, once its quote marks and indentation are taken off. Every expression here is linear: the
// text is hostile (CommonMark 0.31 sections 4 and 5 say what each form means).
const FENCE = /^(?:(`{3,})[^`]*|(~{3,}).*)$/
const ATX = /^(#{1,6})(?:[ \t]|$)/
const THEMATIC_BREAK = /^([-*_])[ \t]*(?:\1[ \t]*){2,}$/
const SETEXT = /^(=+|-+)[ \t]*$/
const MARKER = /^([-+*]|\d{1,9}[.)])([ \t]+|$)/
const TABLE_DELIMITER = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/
const RAW_TAG = /^<(script|pre|style|textarea)(?:[ \t>]|$)/i
const BLOCK_TAG =
  /^<\/?(?:address|article|aside|base|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[ \t]|\/?>|$)/i
const LONE_TAG = /^<\/?[a-z][a-z0-9-]*(?:[ \t][^>]*)?\/?>[ \t]*$/i

/** One of these begins whatever is no text; no other form here begins with another character. */
const MARKS = '`~#-*_+=<0123456789'

/** False for most lines: what they are is text, and no expression has to be asked. */
export function mayBeMarked(content: string): boolean {
  return MARKS.includes(content.charAt(0))
}

export interface ListMarker {
  /** Columns from the start of the marker to the content. */
  readonly width: number
  readonly content: string
  /** Whether it may start a list in the middle of a paragraph. */
  readonly interrupts: boolean
}

export function fenceOf(content: string): string | undefined {
  const [, backticks, tildes] = FENCE.exec(content) ?? []
  return backticks ?? tildes
}

export function closesFence(content: string, fence: string): boolean {
  const line = content.trim()
  return line.length >= fence.length && line === fence.charAt(0).repeat(line.length)
}

export function atxHeading(content: string): { readonly depth: number; readonly text: string } | undefined {
  const [, marks] = ATX.exec(content) ?? []
  if (marks === undefined) return undefined
  return { depth: marks.length, text: withoutClosingMarks(content.slice(marks.length).trim()) }
}

function withoutClosingMarks(text: string): string {
  let end = text.length
  while (text.charAt(end - 1) === '#') end -= 1
  if (end === 0) return ''
  const before = text.charAt(end - 1)
  return before === ' ' || before === '\t' ? text.slice(0, end).trimEnd() : text
}

/** 1 or 2 when the line underlines the paragraph above it. */
export function setextDepth(content: string): 1 | 2 | undefined {
  const [, marks] = SETEXT.exec(content) ?? []
  return marks === undefined ? undefined : marks.startsWith('=') ? 1 : 2
}

export function isThematicBreak(content: string): boolean {
  return THEMATIC_BREAK.test(content)
}

export function isTableDelimiter(line: string): boolean {
  return line.includes('-') && TABLE_DELIMITER.test(line.trim())
}

export function listMarker(content: string): ListMarker | undefined {
  const [, marker, gap = ''] = MARKER.exec(content) ?? []
  if (marker === undefined) return undefined
  const rest = content.slice(marker.length + gap.length)
  // Five columns and more mean that the item starts with indented code.
  const columns = rest === '' || gap.length > 4 ? 1 : gap.length
  return {
    width: marker.length + columns,
    content: rest === '' ? '' : content.slice(marker.length + columns),
    interrupts: rest !== '' && (marker.length === 1 || marker === '1.' || marker === '1)'),
  }
}

/** What ends the HTML block this line starts: a text that some line must contain, or `''` for the next blank line. */
export function htmlBlockEnd(content: string, inParagraph: boolean): string | undefined {
  if (!content.startsWith('<')) return undefined
  if (content.startsWith('<!--')) return '-->'
  if (content.startsWith('<?')) return '?>'
  if (content.startsWith('<![CDATA[')) return ']]>'
  const [, tag] = RAW_TAG.exec(content) ?? []
  if (tag !== undefined) return `</${tag.toLowerCase()}>`
  if (BLOCK_TAG.test(content)) return ''
  return !inParagraph && LONE_TAG.test(content) ? '' : undefined
}
