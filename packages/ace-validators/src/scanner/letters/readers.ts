import { createReader, type Read, type Reader } from './reader.ts'

/** Digits and signs that stand for letters in `1gn0r3`; `l` is written `i`. */
const SIGNS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '0': 'o',
    '1': 'i',
    '2': 'z',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '6': 'g',
    '7': 't',
    '8': 'b',
    '9': 'g',
    $: 's',
    '@': 'a',
    '!': 'i',
    '|': 'i',
    '€': 'e',
    '£': 'i',
    '+': 't',
    '(': 'c',
    '<': 'c',
    '{': 'c',
    '§': 's',
  }),
)
/** Groups of strokes that stand for letters in `|\|€\/\/`. Longest first: four strokes are an `m` before two of them are a `v`. */
const STROKES: readonly (readonly [string, string])[] = [
  ['/\\/\\', 'm'],
  ['\\/\\/', 'w'],
  ['|\\/|', 'm'],
  ['|\\|', 'n'],
  ['|-|', 'h'],
  ['|_|', 'u'],
  ['\\/', 'v'],
  ['/\\', 'a'],
  ['|)', 'd'],
]

/** Every way to read letters, the plain one first. */
export function createReaders(): Reader[] {
  return [
    createReader('L'),
    createReader('LM', { beginnings: '<\x1b][\\/', special: markupAt }),
    createReader('LS', { letters: SIGNS, beginnings: '/\\|', special: strokeAt }),
  ]
}

function strokeAt(text: string, index: number): Read | undefined {
  for (const [stroke, letters] of STROKES) {
    if (text.startsWith(stroke, index)) return { letters, end: index + stroke.length }
  }
  return undefined
}

/** Units that markup other than a comment may take; a longer one is read as text. */
const LONGEST = 300
/** Tags, colour codes of terminals, targets of links, footnote marks, commands of LaTeX: letters that are not shown. */
const MARKUP =
  /<\/?[a-z][^<>]{0,280}>|\p{Cc}\[[\d;]{0,20}[a-z]|\]\([^()\n]{0,280}\)|\[\^[^\][\n]{1,40}\]|\\[a-z]{2,20}\{/iuy

function markupAt(text: string, index: number): Read | undefined {
  // What most of these characters begin in code is told by the one after it.
  if (!isFollower(text.charCodeAt(index + 1))) return undefined
  if (text.startsWith('<!--', index)) return endingWith(text, index + 4, '-->')
  if (text.startsWith('/*', index)) return endingWith(text, index + 2, '*/')
  MARKUP.lastIndex = index
  return MARKUP.test(text) ? { letters: '', end: MARKUP.lastIndex } : undefined
}

/** A comment that long hides nothing between two letters of a word. */
function endingWith(text: string, start: number, end: string): Read | undefined {
  const at = text.slice(start, start + LONGEST).indexOf(end)
  return at === -1 ? undefined : { letters: '', end: start + at + end.length }
}

/** A letter or one of `/!*[(^`. */
function isFollower(unit: number): boolean {
  const letter = unit | 0x20
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    unit === 0x2f ||
    unit === 0x21 ||
    unit === 0x2a ||
    unit === 0x5b ||
    unit === 0x28 ||
    unit === 0x5e
  )
}
