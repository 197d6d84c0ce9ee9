import type { SourceClass } from '@ctxlock/contracts/config'

import { leadingComment } from './leading-comment.ts'

/** A generator says what it is at the top; a bundler's lines are long from the start. More of the file is not looked at. */
const HEAD_BYTES = 16_384

/** Each of these is a generator's own convention and means nothing else. */
const MARKER = /(?:^|[\s*])@generated\b(?![`'"])|\bCode generated\b.{0,300}\bDO NOT EDIT\b|<auto-?generated\b/im
/** In other headers the two statements together: that it is generated, and that it must not be edited. */
const IS_GENERATED = /\b(?:auto-?generated|automatically generated|generated (?:automatically|by|from|using|with))\b/i
const DO_NOT_EDIT = /\b(?:do not|don't|not be) (?:hand-?)?(?:edit|modif|change)/i

const PROSE = /\.(?:md|mdx|mdc|markdown|txt|rst|adoc)$/i
const MINIFIABLE = /\.(?:[cm]?js|css)$/i
const BRACE = 0x7b
const HYPHEN = 0x2d
/** ASCII letters, digits and some signs, but for the d of `dnl` and the R of `REM`. */
const CODE_STARTS = new Uint8Array(256)
for (const character of 'abcefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQSTUVWXYZ0123456789[@.$&=_')
  CODE_STARTS[character.charCodeAt(0)] = 1

/** People break lines long before an average of 300 bytes; minifiers do not. */
const MINIFIED_LINE_BYTES = 300
const MINIFIED_MIN_BYTES = 2048

// The markers are ASCII: any head can be read this way, also one cut inside a character.
const decoder = new TextDecoder('latin1')
const NONE: ReadonlySet<string> = new Set()

/**
 * Says by the first 16 KiB of a file why it is nobody's handwriting here, or undefined: `generated` when its leading comment
 * carries a generator's marker, `minified` when JavaScript or CSS has hardly a line break. `bytes` may be the whole file or
 * its head, and is hostile; time is linear and bounded. Classes in `keep` are not looked for.
 */
export function contentExclusion(
  path: string,
  bytes: Uint8Array,
  keep: ReadonlySet<string> = NONE,
): SourceClass | undefined {
  const head = bytes.subarray(0, HEAD_BYTES)
  if (!keep.has('generated') && isGenerated(path, head)) return 'generated'
  if (!keep.has('minified') && MINIFIABLE.test(path) && isMinified(head)) return 'minified'
  return undefined
}

function isGenerated(path: string, head: Uint8Array): boolean {
  if (beginsWithCode(head)) return false
  const prose = PROSE.test(path)
  const comment = leadingComment(decoder.decode(head), !prose)
  return MARKER.test(comment) || (IS_GENERATED.test(comment) && DO_NOT_EDIT.test(comment))
}

/** By the first byte that is no blank: most files begin with a word or a brace, and need not be decoded to be told. */
function beginsWithCode(head: Uint8Array): boolean {
  const at = head.findIndex((byte) => byte !== 32 && (byte < 9 || byte > 13))
  const first = head[at] ?? 0
  return CODE_STARTS[first] === 1 || (first === BRACE && head[at + 1] !== HYPHEN)
}

function isMinified(head: Uint8Array): boolean {
  if (head.length < MINIFIED_MIN_BYTES) return false
  let lines = 1
  for (let at = head.indexOf(10); at !== -1; at = head.indexOf(10, at + 1)) lines += 1
  return head.length / lines > MINIFIED_LINE_BYTES
}
