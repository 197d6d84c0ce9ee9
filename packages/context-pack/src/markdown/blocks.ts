import {
  atxHeading,
  closesFence,
  fenceOf,
  htmlBlockEnd,
  isTableDelimiter,
  isThematicBreak,
  listMarker,
  mayBeMarked,
  setextDepth,
} from './line-kinds.ts'
import { endOfFrontMatter, stripLine, type StrippedLine } from './stripped-line.ts'

export interface Heading {
  readonly kind: 'heading'
  readonly depth: number
  readonly text: string
  readonly startLine: number
  readonly endLine: number
}

/** A paragraph, or the first paragraph of a list item, without its markers. */
export interface Prose {
  readonly kind: 'paragraph' | 'item'
  /** In how many list items it stands. */
  readonly level: number
  /** One element per line of the file, from `startLine` on. */
  readonly lines: readonly string[]
  readonly startLine: number
  readonly endLine: number
}

export type MarkdownBlock = Heading | Prose

/** Deeper lists are read as text: a line of ten thousand list markers must not cost ten thousand items per line after it. */
const MAX_NESTING = 32

interface Container {
  readonly contentIndent: number
  /** The item has no text yet. */
  empty: boolean
}

interface OpenProse {
  readonly kind: 'paragraph' | 'item'
  readonly level: number
  readonly quotes: number
  readonly lines: string[]
  readonly startLine: number
}

/**
 * The headings, paragraphs and list items of a Markdown text, in order and with their lines. Code, HTML, tables and front
 * matter are left out; headings inside lists and quotes are not reported because they start no section. Reads every line
 * once, so the time is linear in the text; published parsers take minutes for a megabyte of lazily quoted lines.
 */
export function readMarkdownBlocks(text: string): MarkdownBlock[] {
  const lines = text.split('\n')
  const blocks: MarkdownBlock[] = []
  let items: Container[] = []
  let quotes = 0
  let prose: OpenProse | undefined
  let fence: { readonly marks: string; readonly indent: number; readonly quotes: number } | undefined
  let htmlEnd: string | undefined

  for (let number = endOfFrontMatter(lines) + 1; number <= lines.length; number += 1) {
    const line = lines[number - 1] ?? ''
    readLine(line.endsWith('\r') ? line.slice(0, -1) : line, number)
  }
  closeProse()
  return blocks

  function readLine(line: string, number: number): void {
    const stripped = stripLine(line)
    let { indent, content } = stripped
    const isBlank = content === ''
    if (fence && isInside(fence, stripped)) {
      if (indent - fence.indent < 4 && closesFence(content, fence.marks)) fence = undefined
      return
    }
    fence = undefined
    if (htmlEnd !== undefined) {
      if (htmlEnd === '' ? isBlank : content.toLowerCase().includes(htmlEnd)) htmlEnd = undefined
      return
    }
    if (isBlank) {
      closeProse()
      return
    }
    if (isLazyContinuation(stripped)) {
      prose?.lines.push(content)
      return
    }
    enterContainers(stripped)

    for (;;) {
      const extra = indent - (items.at(-1)?.contentIndent ?? 0)
      if (extra >= 4) {
        // Indented code, unless it goes on with a paragraph.
        prose?.lines.push(content)
        return
      }
      const marker = readsAsBlock(content, number, indent)
      if (marker === undefined) return
      indent += marker.width
      content = marker.content.trimStart()
      indent += marker.content.length - content.length
      if (content === '') return
    }
  }

  /** Takes in what the line is; returns its list marker when there is one, for what follows the marker has to be read too. */
  function readsAsBlock(content: string, number: number, indent: number) {
    if (!mayBeMarked(content)) {
      addText(content, number)
      return undefined
    }
    const depth = prose && setextDepth(content)
    if (prose && depth !== undefined) {
      underline(prose, depth, number)
      return undefined
    }
    const marks = fenceOf(content)
    if (marks !== undefined) {
      closeProse()
      fence = { marks, indent: items.at(-1)?.contentIndent ?? 0, quotes }
      return undefined
    }
    const heading = atxHeading(content)
    if (heading) {
      closeProse()
      if (isTopLevel()) blocks.push({ kind: 'heading', ...heading, startLine: number, endLine: number })
      return undefined
    }
    if (isThematicBreak(content)) {
      closeProse()
      return undefined
    }
    const end = htmlBlockEnd(content, prose !== undefined)
    if (end !== undefined) {
      closeProse()
      // An end on the same line counts, but not inside the mark that started the block (`<!-->`).
      if (end === '' || !content.slice(2).toLowerCase().includes(end)) htmlEnd = end
      return undefined
    }
    const marker = listMarker(content)
    if (marker && items.length < MAX_NESTING && (prose === undefined || marker.interrupts)) {
      closeProse()
      items.push({ contentIndent: indent + marker.width, empty: true })
      return marker
    }
    addText(content, number)
    return undefined
  }

  function addText(content: string, number: number): void {
    if (prose) {
      prose.lines.push(content)
      return
    }
    const item = items.at(-1)
    prose = {
      kind: item?.empty ? 'item' : 'paragraph',
      level: items.length,
      quotes,
      lines: [content],
      startLine: number,
    }
    if (item) item.empty = false
  }

  /** A line of plain text goes on with an open paragraph even when it lacks the paragraph's quote marks or indentation. */
  function isLazyContinuation(line: StrippedLine): boolean {
    if (!prose || line.quotes > prose.quotes) return false
    const leavesContainer = line.quotes < prose.quotes || line.indent < (items.at(-1)?.contentIndent ?? 0)
    return leavesContainer && isPlainText(line.content)
  }

  function enterContainers(line: StrippedLine): void {
    if (line.quotes !== quotes) {
      closeProse()
      items = []
      quotes = line.quotes
    }
    while (items.length > 0 && line.indent < (items.at(-1)?.contentIndent ?? 0)) {
      closeProse()
      items.pop()
    }
  }

  function underline(paragraph: OpenProse, depth: 1 | 2, number: number): void {
    const heading = paragraph.lines.join(' ').trim()
    if (isTopLevel()) {
      blocks.push({ kind: 'heading', depth, text: heading, startLine: paragraph.startLine, endLine: number })
    }
    prose = undefined
  }

  function isTopLevel(): boolean {
    return items.length === 0 && quotes === 0
  }

  function closeProse(): void {
    if (prose && !isTableDelimiter(prose.lines[1] ?? '')) {
      const { kind, level, lines: own, startLine } = prose
      blocks.push({ kind, level, lines: own, startLine, endLine: startLine + own.length - 1 })
    }
    prose = undefined
  }
}

function isInside(fence: { readonly indent: number; readonly quotes: number }, line: StrippedLine): boolean {
  return line.quotes >= fence.quotes && (line.content === '' || line.indent >= fence.indent)
}

function isPlainText(content: string): boolean {
  return (
    !mayBeMarked(content) ||
    (fenceOf(content) === undefined &&
      atxHeading(content) === undefined &&
      !isThematicBreak(content) &&
      htmlBlockEnd(content, true) === undefined &&
      listMarker(content) === undefined)
  )
}
