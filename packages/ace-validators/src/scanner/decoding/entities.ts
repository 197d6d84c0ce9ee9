const GREEK = `
  alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi
  omega
`
const CYRILLIC = `
  acy bcy vcy gcy dcy iecy zhcy zcy icy jcy kcy lcy mcy ncy ocy pcy rcy scy tcy ucy fcy khcy tscy chcy shcy shchcy hardcy ycy
  softcy ecy yucy yacy - iocy djcy gjcy jukcy dscy iukcy yicy jsercy ljcy njcy tshcy kjcy - ubrcy dzcy
`
const LETTER =
  /^([a-z])(?:scr|fr|opf|acute|grave|circ|uml|tilde|ring|cedil|caron|macr|breve|ogon|dot|slash|strok|dblac)$/i

/** Named entities of HTML that an instruction could be written with, in lower case. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...namesFrom(0x3b1, GREEK),
  ...namesFrom(0x430, CYRILLIC),
  ...Object.entries({
    nbsp: '\u00a0',
    ensp: ' ',
    emsp: ' ',
    thinsp: ' ',
    hairsp: ' ',
    puncsp: ' ',
    numsp: ' ',
    tab: '\t',
    newline: '\n',
    shy: '\u00ad',
    zwj: '\u200d',
    zwnj: '\u200c',
    lrm: '\u200e',
    rlm: '\u200f',
    nobreak: '\u2060',
    zerowidthspace: '\u200b',
    invisibletimes: '\u2062',
    invisiblecomma: '\u2063',
    applyfunction: '\u2061',
    thinspace: ' ',
    mediumspace: ' ',
    nonbreakingspace: ' ',
    thickspace: ' ',
    verythinspace: ' ',
    emsp13: ' ',
    emsp14: ' ',
    negativethinspace: '\u200b',
    negativemediumspace: '\u200b',
    negativethickspace: '\u200b',
    negativeverythinspace: '\u200b',
    it: '\u2062',
    ic: '\u2063',
    af: '\u2061',
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    lowbar: '_',
    hyphen: '-',
    dash: '-',
    period: '.',
    comma: ',',
    colon: ':',
    sol: '/',
    bsol: '\\',
    excl: '!',
    num: '#',
    dollar: '$',
    percnt: '%',
    lpar: '(',
    rpar: ')',
    ast: '*',
    grave: '`',
    vert: '|',
    verbar: '|',
    imath: 'i',
    inodot: 'i',
    szlig: 'ss',
  }),
])

/** What an entity of this name stands for, without its signs. Letters in script, Fraktur and double-struck form and with marks are read as letters. */
export function namedEntity(name: string): string | undefined {
  const letter = LETTER.exec(name)?.[1]
  return letter ?? ENTITIES.get(name.toLowerCase())
}

/** Names of characters that follow each other. */
function namesFrom(codePoint: number, names: string): [string, string][] {
  return names
    .trim()
    .split(/\s+/)
    .map((name, index) => [name, String.fromCodePoint(codePoint + index)])
}
