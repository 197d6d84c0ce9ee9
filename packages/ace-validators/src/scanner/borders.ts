/** A piece of a block inside the joined text. */
export interface JoinedPiece {
  readonly block: number
  /** Where the piece starts in the joined text, and where in its block, in UTF-16 units. */
  readonly start: number
  readonly blockStart: number
  readonly length: number
}

export interface Joined {
  readonly text: string
  readonly pieces: readonly JoinedPiece[]
}

// Hangul fillers are letters that V1 deletes; padding with them must not push the words out of the window.
const VISIBLE = /[[\p{L}\p{N}]--\p{Default_Ignorable_Code_Point}]/v

/**
 * The borders of neighbouring blocks as texts of their own: the end of one block, `separator`, the beginning of the next, each
 * with the `letters` letters or digits nearest to the border and all that stands between them (VAL-043). A block too short
 * for two windows stands in one text with both its neighbours, so that a pattern over three blocks is in it as well.
 */
export function joinBorders(blocks: readonly string[], letters: number, separator: string): Joined[] {
  const joined: Joined[] = []
  let text = ''
  let pieces: JoinedPiece[] = []
  const add = (block: number, blockStart: number, piece: string): void => {
    pieces.push({ block, start: text.length, blockStart, length: piece.length })
    text += piece
  }
  const finish = (): void => {
    if (pieces.length > 1) joined.push({ text, pieces })
    text = ''
    pieces = []
  }
  for (const [block, whole] of blocks.entries()) {
    if (block > 0) text += separator
    const head = headEnd(whole, letters)
    const tail = Math.max(head, tailStart(whole, letters))
    if (tail === head) {
      add(block, 0, whole)
      continue
    }
    add(block, 0, whole.slice(0, head))
    finish()
    add(block, tail, whole.slice(tail))
  }
  finish()
  return joined
}

/** How many blocks may stand between two halves of a pattern. */
const MOST_BETWEEN = 2
/** Ends whatever began before it: a word, letters without words, a sentence. */
const STOP = ' qzqzq.\n\n'

/**
 * The same for blocks that do not follow each other, up to two others between them: an attacker who can place several snippets
 * need not place them side by side.
 */
export function joinDistant(blocks: readonly string[], letters: number, separator: string): Joined {
  const pieces: JoinedPiece[] = []
  let text = ''
  const add = (block: number, blockStart: number, piece: string): void => {
    pieces.push({ block, start: text.length, blockStart, length: piece.length })
    text += piece
  }
  const heads = blocks.map((block) => block.slice(0, headEnd(block, letters)))
  for (const [block, whole] of blocks.entries()) {
    const tail = tailStart(whole, letters)
    for (const [index, head] of heads.slice(block + 2, block + 2 + MOST_BETWEEN).entries()) {
      add(block, tail, whole.slice(tail))
      text += separator
      add(block + 2 + index, 0, head)
      text += STOP
    }
  }
  return { text, pieces }
}

/** Several joined texts as one, in which nothing goes on from one to the next. */
export function joinedTogether(joins: readonly Joined[]): Joined {
  let text = ''
  const pieces = joins.flatMap((joined) => {
    const shift = text.length
    text += joined.text + STOP
    return joined.pieces.map((piece) => ({ ...piece, start: piece.start + shift }))
  })
  return { text, pieces }
}

/** Which parts of which blocks a range of the joined text covers, in UTF-16 units of the block. */
export function blocksOf(joined: Joined, start: number, end: number): { block: number; start: number; end: number }[] {
  return joined.pieces.flatMap((piece) => {
    const from = Math.max(start, piece.start)
    const to = Math.min(end, piece.start + piece.length)
    if (from >= to) return []
    const shift = piece.blockStart - piece.start
    return [{ block: piece.block, start: from + shift, end: to + shift }]
  })
}

function isVisible(codePoint: number): boolean {
  if (codePoint >= 0x80) return VISIBLE.test(String.fromCodePoint(codePoint))
  const letter = codePoint | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || (codePoint >= 0x30 && codePoint <= 0x39)
}

function headEnd(text: string, letters: number): number {
  let seen = 0
  for (let index = 0; index < text.length; index += 1) {
    const codePoint = text.codePointAt(index) ?? 0
    if (isVisible(codePoint)) seen += 1
    if (codePoint > 0xffff) index += 1
    if (seen === letters) return index + 1
  }
  return text.length
}

function tailStart(text: string, letters: number): number {
  let seen = 0
  for (let index = text.length - 1; index >= 0; index -= 1) {
    const pair = index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff
    if (pair) index -= 1
    if (isVisible(text.codePointAt(index) ?? 0)) seen += 1
    if (seen === letters) return index
  }
  return 0
}
