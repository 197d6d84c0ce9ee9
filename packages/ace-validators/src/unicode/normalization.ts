import { characterClass, memberSize } from './character-class.ts'
import { codeUnits, textOf } from './code-units.ts'

// Sequences this long occur in no language (UAX #15 Stream-Safe Text Format allows 30 non-starters).
// Sorting them is quadratic in ICU: one MiB of alternating marks would hold the process for minutes (VAL-041).
const LONGEST_RUN = 30
// U+0E33, U+0EB3, U+FF9E and U+FF9F are no marks themselves, but compatibility-decompose to something that starts with one.
const MARKS = characterClass(/[\p{M}\u0e33\u0eb3\uff9e\uff9f]+/gu)
// Below U+0300 there are no marks.
const MARKS_POSSIBLE = /[\u0300-\uffff]/

/** U+034F COMBINING GRAPHEME JOINER ends a sequence for normalisation and is itself ignorable. */
const JOINER = 0x034f

/** `String.prototype.normalize` in linear time: an attacker's run of more than 30 marks is broken up first. */
export function normalize(text: string, form: 'NFC' | 'NFD' | 'NFKC'): string {
  return (MARKS_POSSIBLE.test(text) ? streamSafe(text) : text).normalize(form)
}

/** The text with a joiner after every 30 marks that another one follows. An expression takes five times as long. */
function streamSafe(text: string): string {
  const units = codeUnits(text)
  const basicPlane = MARKS.membersOf(0)
  const breaks: number[] = []
  let run = 0
  for (let index = 0; index < units.length; index += 1) {
    const size = memberSize(MARKS, units, index, basicPlane)
    if (size === 0) run = 0
    else if (run < LONGEST_RUN) run += 1
    else {
      breaks.push(index)
      run = 1
    }
    if (size === 2) index += 1
  }
  return breaks.length === 0 ? text : textOf(withJoiners(units, breaks))
}

function withJoiners(source: Uint16Array, breaks: readonly number[]): Uint16Array<ArrayBuffer> {
  const units = new Uint16Array(source.length + breaks.length)
  let joiners = 0
  // Unit by unit: an attacker's rows are short, and each `subarray` costs more than copying one.
  for (let index = 0; index < source.length; index += 1) {
    if (index === breaks[joiners]) {
      units[index + joiners] = JOINER
      joiners += 1
    }
    units[index + joiners] = source[index] ?? 0
  }
  return units
}
