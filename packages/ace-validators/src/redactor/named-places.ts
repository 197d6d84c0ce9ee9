import { matchAt } from './rule.ts'
import { looksRandom } from './value-shapes.ts'

// Where the value of a name stands, in the dialects of configuration files, source code, JSON, HTTP headers, shells, mark-up
// and prose.

export interface NamedValue {
  readonly text: string
  readonly start: number
  readonly quoted: boolean
  /** The character after an unquoted value. */
  readonly next: string
}

/** UTF-16 units of a value that are looked at; judging all of a long value at every name in it would be quadratic. */
export const JUDGED = 96

/** What may follow the telling word and still be the name: `password2`, `secretKey`, `token_value`, `secret_key_base`. */
const NAME_END = String.raw`(?:s|[_-]?(?:keys?|value|string|text|[0-9]{1,2}))?(?:_base)?`
/** Colours of a terminal. */
const COLOURS = String.raw`(?:\x1b\[[0-9;]{0,8}m){0,2}`
/** Also as much as puts values below each other. */
const GAP = String.raw`(?:\s{0,8}|[ \t]{9,64})`
/** With a type, `: string =`; before a quote also ` - `, `<-` and what stands before a default. */
const EQUALS = [
  String.raw`\??:\s{0,4}(?:&'?\w{1,16}\s)?&?\w{1,16}\s{0,4}=|:=|=>`,
  String.raw`(?:-|<-|\)?\s{0,4}(?:\|\||\?\?|\?:|or))(?=\s{1,4}["'\`])`,
  '[:=：＝]',
].join('|')
/** The closing quote or the bold type of the name comes first. JSON inside JSON escapes its quotes. */
const SEPARATOR = String.raw`\\{0,3}(?:["'\`\]]{0,2}|\*\*)${COLOURS}${GAP}(?:${EQUALS})(?:\*\*)?${GAP}${COLOURS}`
/** Also the tags, anchors and blocks of YAML. */
const CASTS = String.raw`(?:!{1,2}[\w/.-]{1,24}\s|&\w{1,24}\s|[>|][+-]?[ \t]{0,4}\r?\n[ \t]{1,24}|[bru](?=["'])|@(?=")|Bearer\s|Basic\s|Token\s)?`
const QUOTED = String.raw`\\{0,3}(?:"""\s{0,8}|'''\s{0,8}|["'\`])([^"'\`\\\r\n]{4,${JUDGED}})`
const BARE = String.raw`([^\s\x1b"'\`,;，。；：&<>(){}\[\]|\\]{4,${JUDGED}})`
/** `keys: ["value"]`, `key={"value"}`. */
const OPENED = String.raw`(?:[\[\(\{]\s{0,16}(?=["'\`]))?`
const ASSIGNMENT = new RegExp(`${NAME_END}${SEPARATOR}${CASTS}${OPENED}(?:${QUOTED}|${BARE})`, 'iy')
/** `"name", "value"`, `name="NAME" value="value"`, `- name: NAME⏎  value: value`, `| NAME | value |`, `variable "name" { default = "value"`, `setName("value")`, `name === "value"`, `name "value"`. */
const PAIR = new RegExp(
  String.raw`(?:["'\`]\s{0,4}(?:,|\||\sto\s)?|\s{0,4}\||\s{1,16}(?=value)|\s{1,2}(?=["'\`])|\((?=["'\`])|\s?[!=]==?(?=\s?["'\`]))\s{0,8}` +
    String.raw`(?:\{\s{0,16}|["']?(?:[a-z]{1,16}:)?(?:value|default|content)["']?\s{0,4}[:=]\s{0,4}){0,2}` +
    `["'\`]?${BARE}`,
  'iy',
)
/** `value as the NAME`. */
const BEFORE = /([^\s"'`,;&<>(){}[\]|\\]{12,96})["'`]? as (?:the |my |your )?[\w/:.-]{0,40}$/
/** Of those, the characters from ` as ` on. */
const AFTER_VALUE = ' as your '.length + 40

/** `--password value`, and the sentence `The API_KEY is value`. */
const SPACED = /(?:[_-]?keys?)?\s{1,4}(is\s{1,4}|was\s{1,4}|lautet\s{1,4})?["'`]?([^\s"'`,;&<>(){}[\]|\\]{4,96})/iy
/** Jenkins writes `<secret>{…}</secret>`. */
const ELEMENT = />(?:\{(?:[^<>{}\s]{0,24}\s){0,4}([^<>{}\s]{12,512})\}|([^<>\s]{4,512}))<\//y
/** `<string name="NAME">value</string>` of Android, `<key>NAME</key><string>value</string>` of Apple. */
const NAMED_ELEMENT = /(?:["']|<\/key>\s{0,24}<string)>([^<>\s]{4,512})<\//y

/** What may be the value of the name that ends at `end`. Places that are full of other things have to hold what looks random. */
export function namedValue(text: string, start: number, end: number): NamedValue | undefined {
  return (
    assigned(text, end) ??
    spaced(text, start, end) ??
    element(text, end) ??
    beside(PAIR, text, end) ??
    beside(NAMED_ELEMENT, text, end) ??
    preceding(text, start)
  )
}

function assigned(text: string, end: number): NamedValue | undefined {
  const match = matchAt(ASSIGNMENT, text, end)
  if (match === undefined) return undefined
  const [whole, quoted, bare = ''] = match
  const found = quoted ?? bare
  const start = end + whole.length - found.length
  return { text: found, start, quoted: quoted !== undefined, next: text.charAt(start + found.length) }
}

function spaced(text: string, start: number, end: number): NamedValue | undefined {
  const match = matchAt(SPACED, text, end)
  const found = match?.[2]
  if (match === undefined || found === undefined) return undefined
  const said = match[1] !== undefined && found.length >= 12
  const name = text.slice(Math.max(0, start - 40), end)
  const flag = /--[\w-]*$/.test(name)
  // Only names nobody would write in a sentence: all capitals, as environment variables have.
  const variable = /(?:^|[^A-Za-z0-9_])(?:[A-Z][A-Z0-9_/:]*_[A-Z0-9_]*|[A-Z]{8,40})$|[_-]auth[Tt]oken$/.test(name)
  const directive = /(?:^|[\s-])(?:requirepass|bindpw|rootpw|storepass)$/.test(name)
  const netrc = /\blogin\s{1,4}\S{1,40}\s{1,4}password$/.test(name)
  const typed = flag && /(?:pass(?:w(?:or)?d|wort|phrase)?|pwd|psk)$/i.test(name) && found.length >= 6
  if (!netrc && !typed && !((said || flag || variable || directive) && found.length >= 8 && looksRandom(found)))
    return undefined
  return { text: found, start: end + match[0].length - found.length, quoted: false, next: '' }
}

function element(text: string, end: number): NamedValue | undefined {
  if (text.charAt(end) !== '>') return undefined
  const match = matchAt(ELEMENT, text, end)
  const found = match?.[1] ?? match?.[2]
  if (match === undefined || found === undefined) return undefined
  return { text: found, start: end + match[0].lastIndexOf(found), quoted: true, next: '<' }
}

/** The value next to the name. */
function beside(place: RegExp, text: string, end: number): NamedValue | undefined {
  const match = matchAt(place, text, end)
  const found = match?.[1]
  if (match === undefined || found === undefined || !looksRandom(found)) return undefined
  return { text: found, start: end + match[0].lastIndexOf(found), quoted: true, next: '' }
}

/** The value in front of the name. */
function preceding(text: string, start: number): NamedValue | undefined {
  // Nearly every name is told apart by this.
  if (!text.slice(Math.max(0, start - AFTER_VALUE), start).includes(' as ')) return undefined
  const from = Math.max(0, start - 160)
  const match = BEFORE.exec(text.slice(from, start))
  const found = match?.[1]
  if (match === null || found === undefined || !looksRandom(found)) return undefined
  return { text: found, start: from + match.index, quoted: true, next: '' }
}
