import type { FallbackReason } from '@ctxlock/contracts/packs'

import { parseModule, type Program, type Statement } from './babel-parser.ts'
import { partsOf } from './babel-parts.ts'
import type { Comment, Import, Outline } from './outline.ts'

/** The outline of a module by its syntax tree, or why there is none. */
export function parseOutline(text: string, path: string): Outline | { readonly refused: FallbackReason } {
  const parsed = parseModule(text, path)
  if ('refused' in parsed) return parsed
  return {
    parts: parsed.program.body.flatMap((statement) => partsOf(statement)),
    imports: importsOf(parsed.program),
    comments: (parsed.comments ?? []).map(({ start, end, type }): Comment => ({
      start: start ?? 0,
      end: end ?? 0,
      isLine: type === 'CommentLine',
    })),
    bodyStart: parsed.program.body[0]?.start ?? text.length,
  }
}

function importsOf({ body }: Program): Import[] {
  return body
    .filter((statement): statement is Extract<Statement, { type: 'ImportDeclaration' }> => {
      return statement.type === 'ImportDeclaration'
    })
    .map(({ source, specifiers, start, end }) => ({
      module: source.value,
      names: specifiers.map(({ local }) => local.name),
      start: start ?? 0,
      end: end ?? 0,
    }))
}
