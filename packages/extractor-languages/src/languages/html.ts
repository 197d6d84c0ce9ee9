import { quoteStart, createLineIndex, sectionAnchors, type HeadingLines } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, Extraction, ExtractionRefusal } from '@ctxlock/contracts/extractor'
import type { Node } from 'web-tree-sitter'

import type { BoundedParser } from '../tree/bounded-parser.ts'
import { remarks } from '../tree/comments.ts'
import type { SourceOf } from '../tree/language-rules.ts'
import { lastLineOf } from '../tree/node-lines.ts'

/** Elements that are parts of a page whatever their id. */
const LANDMARKS: ReadonlySet<string> = new Set([
  'header',
  'nav',
  'main',
  'section',
  'article',
  'aside',
  'footer',
  'form',
  'template',
  'dialog',
  'script',
  'style',
])
const HEADING = /^h([1-6])$/
const MAX_ELEMENTS = 50_000
const COMMENTS = { comments: new Set(['comment']) }

interface Place {
  readonly node: Node
  readonly depth: number
}

/** Parts of a page: landmarks and elements with an id, with their range; headings, with the section below them. */
export function extractHtml(text: string, parser: BoundedParser): Extraction | ExtractionRefusal {
  const tree = parser.parse(text)
  if ('refused' in tree) return tree
  try {
    return readPage(tree.rootNode, text)
  } finally {
    tree.delete()
  }
}

function readPage(root: Node, text: string): Extraction | ExtractionRefusal {
  const source: SourceOf = (node) => text.slice(node.startIndex, node.endIndex)
  const parts: ExtractedAnchor[] = []
  const headings: HeadingLines[] = []
  let title: string | undefined
  let summary: string | undefined
  const pending: Place[] = [{ node: root, depth: 0 }]
  let visits = 0
  for (let place = pending.pop(); place; place = pending.pop()) {
    if ((visits += 1) > MAX_ELEMENTS) return { refused: 'too_complex' }
    const { node, depth } = place
    const inside = node.namedChildren
    const tag = inside.find(({ type }) => type === 'start_tag' || type === 'self_closing_tag')
    const name = tag ? tagName(source(tag)) : ''
    const id = tag && attribute(tag, 'id', source)
    const rank = HEADING.exec(name)?.[1]
    if (name === 'title') title ??= words(node, source)
    else if (name === 'meta' && tag && attribute(tag, 'name', source) === 'description')
      summary ??= attribute(tag, 'content', source)
    else if (rank !== undefined)
      headings.push({
        text: words(node, source),
        rank: Number(rank),
        startLine: node.startPosition.row + 1,
        endLine: lastLineOf(node),
      })
    const isPart = tag !== undefined && (LANDMARKS.has(name) || id !== undefined) && rank === undefined
    if (isPart) parts.push(part(node, tag, name, id, depth, source))
    const children = inside.filter(({ type }) => type === 'element' || type.endsWith('_element') || type === 'ERROR')
    pending.push(...children.toReversed().map((child) => ({ node: child, depth: depth + (isPart ? 1 : 0) })))
  }
  const anchors = [...parts, ...sectionAnchors(headings, createLineIndex(text))]
  return {
    anchors: anchors.toSorted((a, b) => a.startLine - b.startLine || b.endLine - a.endLine),
    ...remarks(root, text, COMMENTS),
    ...(title === undefined ? {} : { title }),
    ...(summary === undefined ? {} : { summary: quoteStart(summary) }),
  }
}

function part(
  node: Node,
  tag: Node,
  name: string,
  id: string | undefined,
  depth: number,
  source: SourceOf,
): ExtractedAnchor {
  return {
    name: id ? `${name}#${id}` : name,
    kind: name,
    hint: quoteStart(source(tag)),
    depth,
    startLine: node.startPosition.row + 1,
    endLine: lastLineOf(node),
  }
}

function tagName(tag: string): string {
  return /^<([a-z0-9:-]+)/i.exec(tag)?.[1]?.toLowerCase() ?? ''
}

function attribute(tag: Node, wanted: string, source: SourceOf): string | undefined {
  // Every node that is asked for is fetched from the parser's memory.
  if (!source(tag).toLowerCase().includes(wanted)) return undefined
  for (const node of tag.namedChildren) {
    const [name, value] = node.type === 'attribute' ? node.namedChildren : []
    if (name && value && source(name).toLowerCase() === wanted) return source(value).replace(/^["']|["']$/g, '')
  }
  return undefined
}

/** The text of an element without its tags. */
function words(node: Node, source: SourceOf): string {
  return quoteStart(
    source(node)
      .slice(0, 2000)
      .replace(/<[/!a-z][^>]*>/gi, ' '),
  )
}
