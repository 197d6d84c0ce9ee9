import { codeUnits } from './code-units.ts'

// Sequences this long occur in no language (UAX #15 Stream-Safe Text Format allows 30 non-starters).
// Sorting them is quadratic in ICU: one MiB of alternating marks would hold the process for minutes (VAL-041).
const LONGEST_RUN = 30
// U+0E33, U+0EB3, U+FF9E and U+FF9F are no marks themselves, but compatibility-decompose to something that starts with one.
const MARK = /[\p{M}\u0e33\u0eb3\uff9e\uff9f]/u
const THIRTY_MARKS_OF_MORE = /[\p{M}\u0e33\u0eb3\uff9e\uff9f]{30}(?=[\p{M}\u0e33\u0eb3\uff9e\uff9f])/gu
// Below U+0300 there are no marks.
const MARKS_POSSIBLE = /[\u0300-\uffff]/

/** U+034F COMBINING GRAPHEME JOINER ends a sequence for normalisation and is itself ignorable. */
const JOINER = '\u034f'

/** `String.prototype.normalize` in linear time: an attacker's run of more than 30 marks is broken up first. */
export function normalize(text: string, form: 'NFC' | 'NFD' | 'NFKC'): string {
  const streamSafe =
    MARKS_POSSIBLE.test(text) && hasLongRun(text) ? text.replace(THIRTY_MARKS_OF_MORE, `$&${JOINER}`) : text
  return streamSafe.normalize(form)
}

let markUnits: Uint8Array | undefined

/** May say yes to a run of surrogates, never no to a run of marks. A table is ten times as fast as the expression. */
function hasLongRun(text: string): boolean {
  markUnits ??= tabulateMarks()
  let run = 0
  for (const unit of codeUnits(text)) {
    run = markUnits[unit] === 1 ? run + 1 : 0
    if (run > LONGEST_RUN) return true
  }
  return false
}

function tabulateMarks(): Uint8Array {
  const table = new Uint8Array(0x10000)
  for (let unit = 0x300; unit < table.length; unit += 1) {
    const surrogate = unit >= 0xd800 && unit <= 0xdfff
    table[unit] = surrogate || MARK.test(String.fromCharCode(unit)) ? 1 : 0
  }
  return table
}
