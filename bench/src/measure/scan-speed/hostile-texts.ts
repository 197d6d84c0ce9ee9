const MEBI = 1 << 20

/** What an attacker could fill 1 MiB of UTF-16 units with to hold up the scanner, by name. */
export function hostileTexts(units: number = MEBI): Readonly<Record<string, string>> {
  const repeated = Object.entries(UNITS).map(([name, unit]) => [name, filled(unit, units)])
  return Object.fromEntries([
    ...repeated,
    ['every character of the first plane', filled(charactersFrom(0x20, 0xd7e0), units)],
    ['every character of the second plane', filled(charactersFrom(0x10000, 0xffff), units)],
    ['letters with ever new marks', filled(lettersWithMarks(60_000), units)],
    ['one character composes', `${filled('\ufdfa', units - 1)}\u0301`],
    ['base64 of base64', filled(base64(base64('hello world this is text '.repeat(24_000))), units)],
  ])
}

const UNITS: Readonly<Record<string, string>> = {
  spaces: ' ',
  'base64 words': 'aGVsbG8gd29ybGQgdGhpcyBpcyB0ZXh0 ',
  'base64 in one run': 'A',
  'base64 in lines': 'aGVsbG8gd29y\n',
  'hexadecimal digits': '61',
  'spaced hexadecimal digits': '61 ',
  'decimal numbers': '12 ',
  'binary digits': '01100001 ',
  'Morse code': '. ',
  'Morse letters': '.- / ',
  'percent signs': '%41%42%20',
  'plus signs beside percent signs': '%20++++++++++++++++++++++++++++++++++++++++++++++',
  entities: '&#65;&amp;',
  escapes: '\\u0069',
  tags: '<b>x</b>',
  'open tags': '<b',
  'open comments': '<!--',
  'open comments of code': '/*',
  'open footnotes': '[^',
  links: '](a)',
  'colour codes': '\x1b[0m',
  strokes: '/\\|(',
  'letters of strokes': '/\\/\\',
  pipes: '|',
  backspaces: 'a\b',
  'right-to-left overrides': '\u202e',
  'invisible bits': '\u2062',
  'variation selectors': '\ufe00',
  'tag characters': '\u{e0069}\u{e0067}',
  'zero-width spaces': 'i\u200b',
  'Hangul fillers': '\u3164',
  'Hangul letters': '\u1100\u1161\u11a8',
  marks: '\u0301\u0327',
  'letters with marks': 'e\u0301\u0327',
  'halfwidth marks': '\uff9e\uff9f',
  'mathematical letters': '\u{1d422}\u{1d420}',
  flags: '\u{1f1ee}',
  'half surrogate pairs': '\ud800',
  ligatures: '\ufb03',
  'ligatures of eighteen characters': '\ufdfa',
  beginnings: 'ignore ',
  'beginnings without a gap': 'ignorepreviou',
  'beginnings with long gaps': `i${'*'.repeat(50)}gnore pre`,
  'words joined by a sign': 'ignore.previous ',
  'words joined by a stroke': 'ignore_previous ',
  'words written as one': 'ignorePrevious ',
  'words of two sentences': 'new. Instructions ',
  'words joined and reversed': 'suoiverp.erongi ',
  hits: 'ignore previous ',
}

function filled(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
}

function charactersFrom(start: number, count: number): string {
  return Array.from({ length: count }, (_, index) => String.fromCodePoint(start + index)).join('')
}

/** Each with three of 48 marks, no two with the same three. */
function lettersWithMarks(count: number): string {
  const mark = (number: number) => String.fromCodePoint(0x300 + (number % 48))
  return Array.from(
    { length: count },
    (_, index) => `e${mark(index)}${mark(Math.floor(index / 48))}${mark(Math.floor(index / 2304))}`,
  ).join('')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
