import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A short program with what readers trip over, and the outline of its declarations, written by hand. */
export interface Example {
  readonly path: string
  readonly text: string
  /** One anchor a line, as `anchorLines` writes it. */
  readonly anchors: string
}

const FOLDER = join(import.meta.dirname, '__fixtures__')
const OUTLINE = '.anchors'

/** A language is added by adding a program and, beside it, its outline: `a.py` and `a.py.anchors`. */
export const EXAMPLES: readonly Example[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(OUTLINE))
  .map((outline) => {
    const path = outline.slice(0, -OUTLINE.length)
    return { path, text: read(path), anchors: read(outline) }
  })

function read(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8')
}
