import type { RenderedPrompt } from '@ctxlock/context-compiler'

import type { SourceExcerpt } from './request-manifest.ts'

/** The workspace text in a rendered prompt, in the order it stands there. */
export function excerptsOf({ segments }: RenderedPrompt): SourceExcerpt[] {
  return segments.flatMap(({ source }) =>
    source?.ref.hash === undefined
      ? []
      : [
          {
            sourceId: source.ref.id,
            sourceHash: source.ref.hash,
            startLine: source.start_line,
            endLine: source.end_line,
            text: source.text,
          },
        ],
  )
}
