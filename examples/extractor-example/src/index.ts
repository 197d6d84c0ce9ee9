import { createLineIndex, openLoopsIn } from '@ctxlock/contracts/extraction-text'
import type { ExtractedAnchor, Extraction, ExtractionRefusal } from '@ctxlock/contracts/extractor'
import { definePlugin } from '@ctxlock/plugin-api'
import { z } from 'zod'

/** UTF-16 units. The text is hostile: bound what you read before you read it. */
const MAX_LENGTH = 1024 * 1024
const SECTION = /^[ \t]*\[([^\]\r\n]+)\][ \t]*(?:[;#].*)?\r?$/
const COMMENT = /^[ \t]*[;#]/

/** Sections of `.ini` files. Hints name sections only: values of settings may be secrets. */
export const iniPlugin = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'extractor',
  name: 'ini',
  options: z.strictObject({}),
  create: () => ({
    name: 'ini',
    // Packs are named after it: change it whenever the same text could give another answer.
    version: '1',
    matches: (path) => /\.(?:ini|cfg)$/i.test(path),
    extract: extractIni,
  }),
})

function extractIni(text: string): Extraction | ExtractionRefusal {
  if (text.length > MAX_LENGTH) return { refused: 'too_large' }
  const anchors: ExtractedAnchor[] = []
  let open: ExtractedAnchor | undefined
  let commentFrom: number | undefined
  for (const [at, line] of text.split('\n').entries()) {
    const [, name] = SECTION.exec(line) ?? []
    if (name !== undefined) {
      if (open) anchors.push(open)
      open = { name, kind: 'section', hint: `[${name}]`, depth: 0, startLine: commentFrom ?? at + 1, endLine: at + 1 }
    } else if (open && line.trim() !== '' && !COMMENT.test(line)) open = { ...open, endLine: at + 1 }
    commentFrom = COMMENT.test(line) ? (commentFrom ?? at + 1) : undefined
  }
  if (open) anchors.push(open)
  return { anchors, openLoops: openLoopsIn(text, createLineIndex(text)) }
}
