import { skipComment } from './comments.ts'
import { doubt } from './doubt.ts'
import { skipChildText, skipClosingTag, skipTag, startsElement } from './jsx.ts'
import { skipRegularExpression, skipString, skipTemplateText } from './literals.ts'
import { expectsOperand } from './operand.ts'
import type { Source } from './source.ts'

/** Deeper nesting is left to the parser, which refuses it. */
const MAX_DEPTH = 1024
/** What is open inside the group being skipped, of which there is one at a time: its kind, and where it opened. */
const openKinds = new Uint8Array(MAX_DEPTH)
const openOffsets = new Int32Array(MAX_DEPTH)

// Kinds of what can be open. The first three are the unit that closes them.
const PARENTHESIS = 0x29
const BRACKET = 0x5d
const BRACE = 0x7d
/** `${` in a template literal. */
const SUBSTITUTION = 1
/** The outermost element of an expression, its children, and the braces in its tag and among its children. */
const ELEMENT_ROOT = 2
const CHILDREN = 3
const ATTRIBUTE = 4
const CHILD = 5

/** The units that mean something in code; the scan runs over all others. */
const MEANS_SOMETHING = new Uint8Array(128)
for (const char of '"\'`/()[]{}<') MEANS_SOMETHING[char.charCodeAt(0)] = 1

/** Where the bracket group ends that opens at `at`. In a type there are no regular expressions and no elements. */
export function skipGroup(source: Source, at: number, isType = false): number {
  return new Nesting(source, isType).skipFrom(at)
}

/** Where the template literal ends that opens at `at`. */
export function skipTemplate(source: Source, at: number): number {
  return new Nesting(source, false).skipFrom(at)
}

/** Where the element ends whose `<` is at `at`. */
export function skipElement(source: Source, at: number): number {
  return new Nesting(source, false).skipElementFrom(at)
}

/** One bracket group, template or element with everything inside it, on a stack of its own instead of by recursion. */
class Nesting {
  readonly #source: Source
  readonly #isType: boolean
  #depth = 0

  constructor(source: Source, isType: boolean) {
    this.#source = source
    this.#isType = isType
  }

  skipElementFrom(at: number): number {
    const end = this.#enterElement(at)
    if (this.#depth === 0) return end
    return this.skipFrom(end)
  }

  /** Runs until everything that was opened is closed again. */
  skipFrom(start: number): number {
    const { text } = this.#source
    const { length } = text
    let at = start
    do {
      let unit = text.charCodeAt(at)
      while (unit >= 128 || MEANS_SOMETHING[unit] === 0) unit = text.charCodeAt((at += 1))
      at = at < length ? this.#step(text, at, unit) : this.#retry(at)
    } while (this.#depth > 0)
    return at
  }

  #step(text: string, at: number, unit: number): number {
    switch (unit) {
      case 0x28:
        return this.#open(PARENTHESIS, at)
      case 0x5b:
        return this.#open(BRACKET, at)
      case 0x7b:
        return this.#open(BRACE, at)
      case 0x29:
      case 0x5d:
      case 0x7d:
        return this.#close(unit, at)
      case 0x22:
      case 0x27:
        return skipString(text, at)
      case 0x60:
        return this.#template(at + 1, at)
      case 0x2f:
        return this.#slash(at)
      default:
        return this.#less(at)
    }
  }

  #open(kind: number, at: number): number {
    if (this.#depth >= MAX_DEPTH) doubt(at)
    openKinds[this.#depth] = kind
    openOffsets[this.#depth] = at
    this.#depth += 1
    return at + 1
  }

  #close(unit: number, at: number): number {
    const kind = this.#pop()
    if (kind === unit) return at + 1
    if (unit === BRACE) {
      if (kind === SUBSTITUTION) return this.#template(at + 1, at)
      if (kind === ATTRIBUTE) return this.#markup(at + 1, true)
      if (kind === CHILD) return this.#markup(at + 1, false)
    }
    return this.#retry(at)
  }

  #pop(): number | undefined {
    this.#depth -= 1
    this.#source.lastOpened = openOffsets[this.#depth] ?? -1
    return openKinds[this.#depth]
  }

  #template(from: number, at: number): number {
    const end = skipTemplateText(this.#source.text, from)
    if (this.#source.text.charCodeAt(end - 1) !== 0x7b) return end
    this.#open(SUBSTITUTION, at)
    return end
  }

  #slash(at: number): number {
    const end = skipComment(this.#source, at)
    if (end !== at) return end
    if (this.#isType || !expectsOperand(this.#source, at)) return at + 1
    return skipRegularExpression(this.#source, at)
  }

  #less(at: number): number {
    const isElement = this.#source.hasJsx && !this.#isType && startsElement(this.#source, at)
    return isElement ? this.#enterElement(at) : at + 1
  }

  #enterElement(at: number): number {
    this.#open(ELEMENT_ROOT, at)
    return this.#markup(at + 1, true)
  }

  /** Tags and what stands between them, until an expression opens or the outermost element ends. */
  #markup(from: number, startsInTag: boolean): number {
    const { text } = this.#source
    let at = from
    let isTag = startsInTag
    for (;;) {
      const end = isTag ? skipTag(this.#source, at) : skipChildText(text, at)
      if (end === -1) return this.#retry(at)
      if (text[end] === '{') return this.#open(isTag ? ATTRIBUTE : CHILD, end)
      if (isTag && text[end] === '>') {
        at = this.#open(CHILDREN, end)
        isTag = false
      } else if (!isTag && text[end + 1] !== '/') {
        at = end + 1
        isTag = true
      } else {
        at = isTag ? end + 2 : skipClosingTag(text, end)
        if (at === -1) return this.#retry(end)
        if (!isTag) this.#pop()
        isTag = false
        if (openKinds[this.#depth - 1] === ELEMENT_ROOT) {
          this.#pop()
          return at
        }
      }
    }
  }

  /** What was taken for an element is none: reads on behind its `<`, as far as the budget allows. */
  #retry(at: number): number {
    while (this.#depth > 0) {
      this.#depth -= 1
      if (openKinds[this.#depth] !== ELEMENT_ROOT) continue
      const start = openOffsets[this.#depth] ?? 0
      this.#source.rereadsLeft -= at - start
      if (this.#source.rereadsLeft < 0 || this.#depth === 0) break
      this.#source.forgetCommentsFrom(start)
      return start + 1
    }
    return doubt(at)
  }
}
