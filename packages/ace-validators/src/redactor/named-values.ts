import type { RedactionFinding } from '@ctxlock/contracts/ports'

import { matchAt, type Rule } from './rule.ts'
import { isPlaceholder, isVaried, looksRandom, mixesCase, UUID } from './value-shapes.ts'

// `name = value` in the dialects of configuration files, source code, JSON, HTTP headers, shells and URLs. The name
// triggers; the value decides, because code is full of `token = nextToken()`.

/** UTF-16 units of a value that are looked at; judging all of a long value at every name in it would be quadratic. */
const JUDGED = 96
/** What a value that turned out to be a secret goes on with. */
const REST_QUOTED = /[^"'`\\\r\n]{1,65536}/y
/** In a file of variables a password runs to the end of the line, whatever signs it has. */
const VARIABLE = /(?:^|[\r\n])[A-Z][A-Z0-9_]{0,60}=$/
const NOTHING = /(?!)/y
const REST_LINE = /[^\s\p{Cc}"'`]{1,256}(?=[\r\n]|$)/uy
const REST_BARE = /[^\s\p{Cc}"'`,;&<>(){}[\]|\\]{1,65536}/uy

/** What may follow the telling word and still be the name: `password2`, `secretKey`, `token_value`. */
const NAME_END = String.raw`(?:[_-]?(?:keys?|value|string|text|[0-9]{1,2}))?`
/** Colours of a terminal. */
const COLOURS = String.raw`(?:\x1b\[[0-9;]{0,8}m){0,2}`
/** Closing quote of the name, then `=`, `:`, `:=`, `=>`, with a type `: string =`, or ` - ` before a quote. JSON inside JSON escapes its quotes. */
const SEPARATOR = String.raw`\\{0,3}["'\`\]]{0,2}${COLOURS}\s{0,8}(?:\??:\s{0,4}(?:&'?\w{1,16}\s)?&?\w{1,16}\s{0,4}=|:=|=>|[:=]|-(?=\s{1,4}["'\`]))\s{0,8}${COLOURS}`
const CASTS = String.raw`(?:!!str\s|[bru](?=["'])|@(?=")|Bearer\s|Basic\s|Token\s)?`
const QUOTED = String.raw`\\{0,3}(["'\`])([^"'\`\\\r\n]{4,${JUDGED}})`
const BARE = String.raw`([^\s\x1b"'\`,;&<>(){}\[\]|\\]{4,${JUDGED}})`
const ASSIGNMENT = new RegExp(`${NAME_END}${SEPARATOR}${CASTS}(?:${QUOTED}|${BARE})`, 'iy')
/** `"name", "value"`, `name="NAME" value="value"`, `- name: NAME⏎  value: value`, `| NAME | value |`, `variable "name" { default = "value"`. */
const PAIR = new RegExp(
  String.raw`(?:["'\`]\s{0,4}(?:,|\||\sto\s)?|\s{0,4}\||\s{1,16}(?=value))\s{0,8}` +
    String.raw`(?:\{\s{0,16}|["']?(?:value|default)["']?\s{0,4}[:=]\s{0,4}){0,2}` +
    `["'\`]?${BARE}`,
  'iy',
)
/** `value as the NAME`. */
const BEFORE = /([^\s"'`,;&<>(){}[\]|\\]{12,96})["'`]? as (?:the |my |your )?[\w/:.-]{0,40}$/
/** Of those, the characters from ` as ` on. */
const AFTER_VALUE = ' as your '.length + 40

/** `--password value`, and the sentence `The API_KEY is value`. */
const SPACED = /(?:[_-]?keys?)?\s{1,4}(?:is\s{1,4}|was\s{1,4})?["'`]?([^\s"'`,;&<>(){}[\]|\\]{4,96})/iy
/** Jenkins writes `<secret>{…}</secret>`. */
const ELEMENT = />(?:\{(?:[^<>{}\s]{0,24}\s){0,4}([^<>{}\s]{12,512})\}|([^<>\s]{4,512}))<\//y

/** Keys that are meant to be published. */
const PUBLISHABLE = /^pk_(?:live|test)_/

type Kind = 'password' | 'token' | 'key'

const NAMES: readonly { kind: Kind; words: readonly string[] }[] = [
  { kind: 'password', words: ['password', 'passwd', 'passwort', 'passphrase', 'pwd', 'psk', '_pass'] },
  { kind: 'token', words: ['token', 'secret', 'session', 'sessionid', 'cookie', 'credential', 'credentials', '_pat'] },
  {
    kind: 'key',
    words: ['api_key', 'apikey', 'api-key', 'app_key', 'appkey', 'app-key', 'authkey', 'auth_key', 'auth-key'],
  },
  {
    kind: 'key',
    words: ['access_key', 'accesskey', 'access-key', 'accountkey', 'account_key', 'sharedkey', 'signing_key', '.key'],
  },
  {
    kind: 'key',
    words: ['private_key', 'privatekey', 'encryption_key', 'master_key', 'role_key', 'deploy_key', '_key'],
  },
]

export const namedValueRules: readonly Rule[] = NAMES.flatMap(({ kind, words }) =>
  words.map((word) => ({
    triggers: [word],
    find: (text: string, start: number, end: number) => findNamed(text, start, end, kind),
  })),
)

function findNamed(text: string, start: number, end: number, kind: Kind): RedactionFinding | undefined {
  const value =
    assigned(text, end) ??
    spaced(text, start, end, kind) ??
    element(text, end) ??
    paired(text, end) ??
    preceding(text, start)
  if (value === undefined || isOwnMark(text, start)) return undefined
  if (!isSecret(value, kind) && !isUuidOfKey(value, text, end)) return undefined
  const stop = value.start + value.text.length
  const rest = matchAt(restOf(value, text, kind), text, stop)
  return { ...labels(text, start, kind), start: value.start, end: stop + (rest?.[0].length ?? 0) }
}

/** Names of which a UUID is the secret; under others it names something: `session_id`, `idempotency_key`. */
function isUuidOfKey(value: Value, text: string, end: number): boolean {
  if (!UUID.test(value.text) || isPlaceholder(value.text)) return false
  return /(?:api[_ -]?(?:key|token|secret)|(?:access|auth|server)[_-]?token|client[_-]?secret|(?:^|\w )token)$/i.test(
    text.slice(Math.max(0, end - 16), end),
  )
}

function restOf(value: Value, text: string, kind: Kind): RegExp {
  if (kind === 'password' && VARIABLE.test(text.slice(Math.max(0, value.start - 64), value.start))) return REST_LINE
  if (value.text.length < JUDGED) return NOTHING
  return value.quoted ? REST_QUOTED : REST_BARE
}

/** The redactor's own mark holds such words. */
function isOwnMark(text: string, start: number): boolean {
  return /\[REDACTED:[a-z_:]{0,32}$/.test(text.slice(Math.max(0, start - 44), start))
}

interface Value {
  readonly text: string
  readonly start: number
  readonly quoted: boolean
  /** The character after an unquoted value. */
  readonly next: string
}

function assigned(text: string, end: number): Value | undefined {
  const match = matchAt(ASSIGNMENT, text, end)
  if (match === undefined) return undefined
  const [whole, , quoted, bare = ''] = match
  const found = quoted ?? bare
  const start = end + whole.length - found.length
  return { text: found, start, quoted: quoted !== undefined, next: text.charAt(start + found.length) }
}

function spaced(text: string, start: number, end: number, kind: Kind): Value | undefined {
  const match = matchAt(SPACED, text, end)
  const found = match?.[1]
  if (match === undefined || found === undefined) return undefined
  const name = text.slice(Math.max(0, start - 40), end)
  const flag = /--[\w-]*$/.test(name)
  // Only names nobody would write in a sentence: all capitals, as environment variables have.
  const variable = /(?:^|[^A-Za-z0-9_])(?:[A-Z][A-Z0-9_/:]*_[A-Z0-9_]*|[A-Z]{8,40})$|_authToken$/.test(name)
  const netrc = /\blogin\s{1,4}\S{1,40}\s{1,4}password$/.test(name)
  const isTyped = kind === 'password' && flag && found.length >= 6
  if (!netrc && !isTyped && !((flag || variable) && found.length >= 8 && looksRandom(found))) return undefined
  return { text: found, start: end + match[0].length - found.length, quoted: false, next: '' }
}

function element(text: string, end: number): Value | undefined {
  if (text.charAt(end) !== '>') return undefined
  const match = matchAt(ELEMENT, text, end)
  const found = match?.[1] ?? match?.[2]
  if (match === undefined || found === undefined) return undefined
  return { text: found, start: end + match[0].lastIndexOf(found), quoted: true, next: '<' }
}

/** The value next to the name. */
function paired(text: string, end: number): Value | undefined {
  const match = matchAt(PAIR, text, end)
  const found = match?.[1]
  if (match === undefined || found === undefined || !looksRandom(found)) return undefined
  return { text: found, start: end + match[0].length - found.length, quoted: true, next: '' }
}

/** The value in front of the name. */
function preceding(text: string, start: number): Value | undefined {
  // Nearly every name is told apart by this.
  if (!text.slice(Math.max(0, start - AFTER_VALUE), start).includes(' as ')) return undefined
  const from = Math.max(0, start - 160)
  const match = BEFORE.exec(text.slice(from, start))
  const found = match?.[1]
  if (match === null || found === undefined || !looksRandom(found)) return undefined
  return { text: found, start: from + match.index, quoted: true, next: '' }
}

function isSecret({ text, quoted, next }: Value, kind: Kind): boolean {
  if (isPlaceholder(text) || PUBLISHABLE.test(text) || (!quoted && isCode(text, next))) return false
  // `PWD` is also the name of a directory variable.
  if (kind === 'password') return isVaried(text) && !/\s|^[/~]|^[A-Za-z]:[\\/]/.test(text)
  return text.length >= 12 && looksRandom(text) && !/\s/.test(text)
}

/** A call, a member access, an index, a type or a number: `getToken(`, `self.token2`, `os.environ[`, `BinaryLike`, `0x1F`. */
function isCode(text: string, next: string): boolean {
  if (next === '(' || next === '[' || next === '{') return true
  if (/^[A-Za-z_$]+$/.test(text)) return !mixesCase(text)
  if (/^0x[0-9a-f]+$|^[\d._]+$/i.test(text)) return true
  return /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$#][\w$]*)+$/.test(text) && !looksRandom(text)
}

function labels(text: string, start: number, kind: Kind): Pick<RedactionFinding, 'category' | 'detector_id'> {
  const name = text.slice(Math.max(0, start - 24), start)
  if (kind !== 'password' && /aws/i.test(name)) return { category: 'aws', detector_id: 'secret_aws' }
  if (kind === 'password') return { category: 'password', detector_id: 'secret_password' }
  if (kind === 'key') return { category: 'api_key', detector_id: 'secret_api_key' }
  return { category: 'token', detector_id: 'secret_token' }
}
