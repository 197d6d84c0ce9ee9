import { createRequire } from 'node:module'

import { createLineIndex, type LineIndex, openLoopsIn } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, Extraction, ExtractionRefusal, Extractor } from '@ctxlock/contracts/extractor'
import type * as Yaml from 'yaml'

/** UTF-16 units. The parser reads about one megabyte a second, and larger files are data rather than settings. */
const MAX_LENGTH = 256 * 1024
const MAX_ANCHORS = 4096
const NAMES_IN_HINT = 12

let loaded: typeof Yaml | undefined

/**
 * YAML: the keys of the first two levels with the lines of their values. Hints name keys and never repeat a value,
 * because settings hold secrets that look like nothing in particular.
 */
export const yamlExtractor: Extractor = {
  name: 'yaml',
  version: '1+yaml-2.9.1',
  matches: (path) => /\.ya?ml$/i.test(path),
  extract(text): Extraction | ExtractionRefusal {
    if (text.length > MAX_LENGTH) return { refused: 'too_large' }
    const lines = createLineIndex(text)
    const yaml = (loaded ??= loadYaml())
    const anchors = documentAnchors(text, lines, yaml)
    if (anchors === undefined) return { refused: 'syntax_error' }
    return { anchors, openLoops: openLoopsIn(text, lines) }
  },
}

/** The parser costs 20 ms to load; a command that builds no pack of such a file does not pay them. */
function loadYaml(): typeof Yaml {
  const yaml: typeof Yaml = createRequire(import.meta.url)('yaml')
  return yaml
}

/** Undefined when the text is not valid YAML. Aliases stay unresolved, so they cannot multiply. */
function documentAnchors(text: string, lines: LineIndex, yaml: typeof Yaml): ExtractedAnchor[] | undefined {
  const documents = yaml.parseAllDocuments(text, {
    uniqueKeys: false,
    keepSourceTokens: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  if (!Array.isArray(documents)) return []
  if (documents.some((document) => document.errors.length > 0)) return undefined
  const anchors: ExtractedAnchor[] = []
  for (const { contents } of documents) collect(contents, '', 0)
  return anchors

  function collect(node: unknown, prefix: string, depth: number): void {
    if (!yaml.isMap(node) || depth > 1) return
    for (const { key, value } of node.items) {
      if (anchors.length >= MAX_ANCHORS) return
      const name = keyText(key)
      const range = rangeOf(key, value)
      if (name === undefined || range === undefined) continue
      const path = `${prefix}${name}`
      anchors.push({ name: path, kind: 'key', hint: hintFor(path, value), depth, ...range })
      collect(value, `${path}.`, depth + 1)
    }
  }

  function keyText(key: unknown): string | undefined {
    const value = yaml.isScalar(key) ? key.value : undefined
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : undefined
  }

  function rangeOf(key: unknown, value: unknown) {
    const start = yaml.isNode(key) ? key.range?.[0] : undefined
    if (start === undefined) return undefined
    const end = (yaml.isNode(value) ? value.range?.[1] : undefined) ?? start
    // The end lies behind the value and, after a block, on the next line.
    const last = start + text.slice(start, end).trimEnd().length - 1
    const startLine = lines.lineAt(start)
    return { startLine, endLine: Math.max(startLine, lines.lineAt(last)) }
  }

  function hintFor(path: string, value: unknown): string {
    if (yaml.isSeq(value)) return `${path}: ${value.items.length} items`
    if (!yaml.isMap(value)) return path
    const names = value.items.slice(0, NAMES_IN_HINT).flatMap((item) => keyText(item.key) ?? [])
    return `${path}: ${names.join(', ')}${value.items.length > NAMES_IN_HINT ? ', …' : ''}`
  }
}
