import { pick, type Random } from '../generated-files/random.ts'
import { LANGUAGES, writeText, type Language } from '../generated-files/languages.ts'

/** A file of a kind people keep secrets in by mistake, with one text planted in it. */
export interface PlantedFile {
  readonly path: string
  readonly text: string
}

const SIZE = 600
const quoted = (text: string): string => JSON.stringify(text)
const prefixed = (text: string, prefix: string): string =>
  text
    .split('\n')
    .map((line) => prefix + line)
    .join('\n')
const single = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').trim()

/** How a text may stand in a file of each extension; what the text itself is does not matter. */
const PLACES: Readonly<Record<string, readonly [(text: string) => string, ...((text: string) => string)[]]>> = {
  ts: [
    (text) => `${prefixed(text, '// ')}\nexport const commented = 1`,
    (text) => `/**\n${prefixed(text, ' * ')}\n */\nexport function documented(): number {\n  return 1\n}`,
    (text) => `export const inTemplate = \`${text.replaceAll(/[`$\\]/g, (character) => `\\${character}`)}\``,
    (text) => `export const inString = ${quoted(text)}`,
    (text) => `export function withDefault(value = ${quoted(text)}): string {\n  return value\n}`,
    (text) =>
      `export const lines = [\n${text
        .split('\n')
        .map((line) => `  ${quoted(line)},`)
        .join('\n')}\n].join('\\n')`,
    (text) => `// TODO: remove ${single(text)}\n// The deployment MUST use ${single(text)} as it is.`,
    (text) => text,
  ],
  py: [
    (text) => `def documented():\n    """Shows it.\n\n${prefixed(text, '    ')}\n    """\n    return 1`,
    (text) => `${prefixed(text, '# ')}\nCOMMENTED = 1`,
    (text) => `VALUE = ${quoted(text)}`,
    (text) => `def call(value=${quoted(text)}):\n    # FIXME: ${single(text)}\n    return value`,
    (text) => text,
  ],
  go: [
    (text) => `// Documented shows it:\n${prefixed(text, '// ')}\nfunc Documented() int {\n\treturn 1\n}`,
    (text) => `const Value = ${quoted(text)}`,
    (text) => `var Raw = \`${text.replaceAll('`', "'")}\``,
  ],
  md: [
    (text) => `# ${single(text)}\n`,
    (text) => `Run this:\n\n\`\`\`\n${text}\n\`\`\`\n`,
    (text) => `- Every service MUST send ${single(text)} first.\n- TODO rotate ${single(text)}\n`,
    (text) => `| name | value |\n| --- | --- |\n| it | ${single(text)} |\n`,
    (text) => text,
  ],
  json: [
    (text) => `  "planted": ${quoted(text)}`,
    (text) => `  ${quoted(text.slice(0, 400))}: { "deep": [${quoted(text)}] }`,
  ],
  yaml: [
    (text) => `planted: |\n${prefixed(text, '  ')}`,
    (text) => `planted: ${quoted(text)} # ${single(text)}`,
    (text) => prefixed(text, '# '),
    (text) => text,
  ],
  sh: [
    (text) => `cat <<'END'\n${text}\nEND`,
    (text) => `export VALUE=${quoted(text)}`,
    (text) => prefixed(text, '# '),
    (text) => text,
  ],
  ini: [(text) => `[planted]\nvalue = ${single(text)}`, (text) => prefixed(text, '; '), (text) => text],
  log: [(text) => prefixed(text, '2026-01-12T08:14:02Z ERROR call failed: '), (text) => text],
}

const ENV: Language = {
  extension: 'env',
  share: 0,
  block: (random, number) => `SETTING_${number}=${Math.floor(random() * 1000)}`,
}
const NOTEBOOK_CELL = (source: string) => ({
  cell_type: 'code',
  source: source.split(/(?<=\n)/),
  outputs: [{ text: [source] }],
})

/** The file of this number, with `text` somewhere in its middle. */
export function plant(text: string, number: number, random: Random): PlantedFile {
  const name = `area-${number % 20}/planted-${number}`
  if (number % 12 === 10) return { path: `${name}.env`, text: inside(ENV, text, random) }
  if (number % 12 === 11) {
    const cells = [NOTEBOOK_CELL('import os\n'), NOTEBOOK_CELL(text)]
    return { path: `${name}.ipynb`, text: JSON.stringify({ cells, nbformat: 4 }, undefined, 1) }
  }
  const language = LANGUAGES[number % LANGUAGES.length] ?? LANGUAGES[0]
  const place = pick(random, PLACES[language.extension] ?? [(planted: string) => planted])
  return { path: `${name}.${language.extension}`, text: inside(language, place(text), random) }
}

/** A file that has the text as its name, where a name can hold it. */
export function plantInName(text: string, number: number): PlantedFile | undefined {
  return /^[\w.+=~-]{8,120}$/.test(text)
    ? { path: `named/${number}/${text}`, text: 'Nothing is said here.\n' }
    : undefined
}

function inside(language: Language, planted: string, random: Random): string {
  const { head = '', tail = '', separator = '\n' } = language
  const around = { ...language, head: '', tail: '' }
  const [before, after] = [writeText(around, random, SIZE), writeText(around, random, SIZE)]
  return head + [before, planted, after].join(separator) + tail
}
