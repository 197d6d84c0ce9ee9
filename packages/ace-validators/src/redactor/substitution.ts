/** A part of a text, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What stands instead of a part of a text. */
export interface Substitution extends Span {
  readonly by: string
}

/** A text in which parts of another one were replaced, and which still knows where everything stood. */
export interface Substituted {
  readonly text: string
  /** Spans of this text, in order and without overlap, as spans of the other. One that reaches into a replacement takes all of what stood there. */
  inOriginal<S extends Span>(spans: readonly S[]): S[]
}

interface Replacement extends Span {
  readonly instead: Span
}

/** `substitutions` are in order and without overlap. */
export function substitute(text: string, substitutions: readonly Substitution[]): Substituted {
  const replacements: Replacement[] = []
  let result = ''
  let position = 0
  for (const instead of substitutions) {
    result += text.slice(position, instead.start)
    const start = result.length
    result += instead.by
    replacements.push({ start, end: result.length, instead })
    position = instead.end
  }
  return {
    text: result + text.slice(position),
    inOriginal: (spans) => inOriginal(spans, replacements),
  }
}

function inOriginal<S extends Span>(spans: readonly S[], replacements: readonly Replacement[]): S[] {
  // Both stand in order: hostile text may hold as many of one as of the other, and nobody looks at one twice.
  let next = 0
  const replacementBefore = (offset: number): Replacement | undefined => {
    while ((replacements[next]?.start ?? Infinity) < offset) next += 1
    return replacements[next - 1]
  }
  return spans.map((span) => {
    // A part that was taken out does not belong to what follows it.
    const first = replacementBefore(span.start + 1)
    const last = replacementBefore(span.end)
    return {
      ...span,
      start: originalOffset(span.start, first, first?.instead.start),
      end: originalOffset(span.end, last, last?.instead.end),
    }
  })
}

/** `inside` is what an offset within the replacement stands for. */
function originalOffset(offset: number, replacement: Replacement | undefined, inside = offset): number {
  if (replacement === undefined) return offset
  return offset < replacement.end ? inside : replacement.instead.end + offset - replacement.end
}
