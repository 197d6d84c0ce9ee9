import { MARKUP } from './markup.ts'
import { createReader, type Reader, type Special } from './reader.ts'

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
  ['/-\\', 'a'],
  ['\\/', 'v'],
  ['/\\', 'a'],
  ['|)', 'd'],
  ['[)', 'd'],
  ['|>', 'p'],
  ['|2', 'r'],
  ['|?', 'r'],
]

const STROKE: Special = {
  beginning: /\/[\\-]|\\\/|\|[\\\-_)>2?]|\[\)/g,
  reading: (text) => (index) => {
    const found = STROKES.find(([stroke]) => text.startsWith(stroke, index))
    return found && { letters: found[1], end: index + found[0].length }
  },
}

/** Every way to read letters, the plain one first. */
export function createReaders(): Reader[] {
  return [
    createReader('L'),
    createReader('LM', { special: MARKUP }),
    createReader('LS', { others: SIGNS, special: STROKE }),
  ]
}
