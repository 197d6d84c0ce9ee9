import { readMarkdownBlocks } from '../markdown/blocks.ts'
import { PackError } from '../pack-error.ts'
import { withoutComments } from '@ctxlock/contracts/extraction-text'

/** A document; `@ai-sdk/openai`, `@/components` and `@package.json` are names or context, not rules. */
const IMPORT = /(?:^|\s)@(\S+\.(?:md|mdc|markdown|txt))(?=$|[\s.,;:!?)\]])/gi
const CODE_SPAN = /`[^`]*`/g

/**
 * The documents a CLAUDE.md takes in with `@path`, as workspace paths in the order they are named; code and comments name
 * none. Throws `PACK_RULE_IMPORT_REFUSED` for one outside the workspace: what cannot be locked cannot govern.
 */
export function importsOf(text: string, path: string): string[] {
  const prose = readMarkdownBlocks(text).flatMap((block) => (block.kind === 'heading' ? [] : [block.lines.join('\n')]))
  const visible = prose.map((part) => withoutComments(part).replace(CODE_SPAN, ' '))
  return visible.flatMap((part) => [...part.matchAll(IMPORT)].map(([, target = '']) => resolved(target, path)))
}

function resolved(target: string, path: string): string {
  const segments = path.split('/').slice(0, -1)
  for (const segment of target.split('/')) {
    if (segment === '..' && segments.pop() === undefined) throw outside(path)
    if (segment !== '..' && segment !== '.') segments.push(segment)
  }
  if (/^[~/\\]|:/.test(target)) throw outside(path)
  return segments.join('/')
}

function outside(path: string): PackError {
  return new PackError(
    'PACK_RULE_IMPORT_REFUSED',
    `${path} takes in a document from outside the workspace with @. Move it into the workspace, or take the import out.`,
  )
}
