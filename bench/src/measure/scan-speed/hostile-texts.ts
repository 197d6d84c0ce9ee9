const MEBI = 1 << 20
const SEED = 20_261_122

/** What an attacker could fill this many bytes of UTF-8 with to hold up the scanner, by name. */
export function hostileTexts(bytes: number = MEBI): Readonly<Record<string, string>> {
  const repeated = Object.entries(UNITS).map(([name, unit]) => [name, filled(unit, bytes)])
  return Object.fromEntries([
    ...repeated,
    ['every character of the first plane', filled(charactersFrom(0x20, 0xd7e0), bytes)],
    ['every character of the second plane', filled(charactersFrom(0x10000, 0xffff), bytes)],
    ['letters with ever new marks', filled(lettersWithMarks(60_000), bytes)],
    ['letters with rows of any marks', cut(lettersWithRows(bytes), bytes)],
    ['characters of many scripts in no order', cut(inNoOrder(bytes, 0x41, 0x2000), bytes)],
    ['characters of all planes in no order', cut(inNoOrder(bytes, 0x20, 0x10ffff), bytes)],
    ['one character composes', `${filled('\ufdfa', bytes - 3)}\u0301`],
    ['base64 of base64', filled(base64(base64('hello world this is text '.repeat(24_000))), bytes)],
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
  'calls of characters': 'chr(105)+',
  'marked hexadecimal numbers': '0x69, ',
  'base32 words': 'NFTW433SMUQHA4TFOZUW65LT ',
  'strings put together': '"aWdu" + "b3Jl" ',
  'beginnings of ascii85': '<~',
  'percent signs': '%41%42%20',
  'quoted-printable signs': '=69=67',
  'plus signs beside percent signs': '%20++++++++++++++++++++++++++++++++++++++++++++++',
  entities: '&#65;&amp;',
  'long entities': `&#${'0'.repeat(38)}105;`,
  escapes: '\\u0069',
  'octal escapes': '\\151',
  'escapes of CSS': '\\69 ',
  'line ends in strings': 'a\\n',
  'strings of several lines': 'a\\n" + "',
  'line ends within words': 'a\\\n',
  tags: '<b>x</b>',
  'open tags': '<b',
  'tags with signs in quotes': '<b title="a>b">',
  'open quotes in tags': '<b a=\'"',
  'tags of a forum': '[b]',
  'open comments': '<!--',
  'open comments of code': '/*',
  'open comments of templates': '{{!',
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
  'beginnings of calls': 'send ',
  'beginnings of lures': 'no since ',
  'beginnings with fillers': 'ignore all any every each one x ',
  'frames of orders': 'new updated revised instructions from the ',
  'frames and demands too far apart': `new instructions ${'x '.repeat(18)}prompt `,
  'commands without an end': 'system command curl x x x x x ',
  hits: 'ignore previous ',
}

function filled(unit: string, bytes: number): string {
  return cut(unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit))), bytes)
}

/** As much of a text as takes at most these bytes. */
function cut(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes))
  return text.slice(0, read)
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

/** Each with up to forty marks of several scripts. */
function lettersWithRows(bytes: number): string {
  const marks = [charactersFrom(0x300, 0x70), charactersFrom(0x591, 0x2d), charactersFrom(0x1dc0, 0x26)].join('')
  const below = randomBelow(SEED)
  let text = ''
  while (text.length < bytes) {
    text += String.fromCharCode(0x61 + below(26))
    for (let count = below(40); count > 0; count -= 1) text += marks.charAt(below(marks.length))
  }
  return text
}

function inNoOrder(bytes: number, first: number, last: number): string {
  const below = randomBelow(SEED)
  let text = ''
  while (text.length < bytes) {
    const codePoint = first + below(last - first + 1)
    if (codePoint < 0xd800 || codePoint > 0xdfff) text += String.fromCodePoint(codePoint)
  }
  return text
}

/** Numbers by a linear congruential generator: the same texts every time. */
function randomBelow(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
