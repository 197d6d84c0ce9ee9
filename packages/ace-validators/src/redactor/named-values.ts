import type { RedactionFinding } from '@ctxlock/contracts/ports'

import { JUDGED, namedValue, type NamedValue } from './named-places.ts'
import { matchAt, type Rule } from './rule.ts'
import { isMadeOfWords, isPlaceholder, isVaried, looksRandom, mixesCase, UUID } from './value-shapes.ts'

// The name triggers; the value decides, because code is full of `token = nextToken()`.

/** What a value that turned out to be a secret goes on with. */
const REST_QUOTED = /[^"'`\\\r\n]{1,65536}/y
/** In a file of variables a password runs to the end of the line, whatever signs it has. */
const VARIABLE = /(?:^|[\r\n])[A-Z][A-Z0-9_]{0,60}=$/
const NOTHING = /(?!)/y
const CONNECTION = /;\s?(?:Password|PASSWORD|Pwd|PWD)=$/
const REST_LINE = /[^\s\p{Cc}"'`]{1,256}(?=[\r\n]|$)/uy
const REST_BARE = /[^\s\p{Cc}"'`,;&<>(){}[\]|\\]{1,65536}/uy

/** Keys that are meant to be published. */
const PUBLISHABLE = /^(?:pk_(?:live|test)_|sb_publishable_)/
/** An account of a ledger, which everybody may know. */
const ACCOUNT = /^0x[0-9a-f]{40}$/i
/** `"parse-passwd": "^1.0.0"`. */
const VERSION = /^[\^~<>=v]{1,3}\d{1,8}(?:\.[\dx*]{1,8}){0,3}$/
/** Names of what is public or only says which: pages, requests. */
const NO_SECRET =
  /(?:public|publishable|idempotency|partition|cache|sort|page|next|continuation)[ _.-]?(?:(?:api|key)[ _.-]?)?(?:key|token)$/i

/** `short` names are parts of many words and of the output of tests, so their values have to look random. */
type Kind = 'password' | 'short' | 'token' | 'key'

const NAMES: readonly { kind: Kind; words: readonly string[] }[] = [
  { kind: 'password', words: ['password', 'passwd', 'passwort', 'passphrase', 'pwd', 'psk', '_pass'] },
  { kind: 'password', words: ['mot de passe', 'kennwort', 'senha', 'contrasena'] },
  { kind: 'short', words: ['pass', 'pw'] },
  { kind: 'short', words: ['dbpass', 'dbpw', 'userpass', 'rootpass', 'rootpw', 'bindpw', 'requirepass', 'storepass'] },
  {
    kind: 'token',
    words: ['token', 'secret', 'session', 'sessionid', 'sessid', 'cookie', 'credential', 'credentials', '_pat'],
  },
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
  { kind: 'key', words: ['api key', 'access key', 'secret key', 'private key'] },
]

/** With the letters that ask: each further letter of the automaton makes its table wider, and these are in few other words. */
const PASSWORDS_ABROAD: readonly { word: string; letters: string }[] = [
  { word: 'contraseña', letters: 'contrase' },
  { word: 'пароль', letters: 'ь' },
  { word: '密码', letters: '码' },
  { word: 'パスワード', letters: 'ド' },
  { word: '비밀번호', letters: '호' },
]

export const namedValueRules: readonly Rule[] = [
  ...NAMES.flatMap(({ kind, words }) =>
    words.map((word) => ({
      triggers: [word],
      find: (text: string, start: number, end: number) => findNamed(text, start, end, kind),
    })),
  ),
  ...PASSWORDS_ABROAD.map(({ word, letters }) => ({
    triggers: [letters],
    find(text: string, triggered: number) {
      const start = triggered - word.indexOf(letters)
      const end = start + word.length
      return text.slice(Math.max(0, start), end).toLowerCase() === word
        ? findNamed(text, start, end, 'password')
        : undefined
    },
  })),
]

function findNamed(text: string, start: number, end: number, kind: Kind): RedactionFinding | undefined {
  if (kind === 'short' && !isWhole(text, start, end)) return undefined
  const value = namedValue(text, start, end)
  if (value === undefined || isOwnMark(text, start)) return undefined
  const name = text.slice(Math.max(0, start - 40), end)
  const isTold = isSecret(value, kind) || isUuidOfKey(value, name) || isOfConnection(value, text)
  if (NO_SECRET.test(name) || !isTold) return undefined
  const stop = value.start + value.text.length
  const rest = matchAt(restOf(value, text, kind), text, stop)
  return { ...labels(text, start, kind), start: value.start, end: stop + (rest?.[0].length ?? 0) }
}

/** `pass`, `dbPass` and `DBPASS`, not `compass` and `bypass`. */
function isWhole(text: string, start: number, end: number): boolean {
  const before = text.charAt(start - 1)
  if (!/[A-Za-z]/.test(before)) return true
  const word = text.slice(start, end)
  return /[a-z]/.test(before) ? /^[A-Z]/.test(word) : word === word.toUpperCase()
}

/** Names of which a UUID is the secret; under others it names something: `session_id`, `idempotency_key`. */
function isUuidOfKey(value: NamedValue, name: string): boolean {
  if (!UUID.test(value.text) || isPlaceholder(value.text)) return false
  if (
    /(?:api[_ -]?(?:key|token|secret)|(?:access|auth|server)[_-]?token|client[_-]?secret|(?:^|\w )token)$/i.test(name)
  )
    return true
  return (
    /[A-Z0-9]_(?:TOKEN|SECRET)$/.test(name) && !/(?:[CX]SRF|CANCEL\w*|SYNC|REQUEST|CURSOR|START\w*)_TOKEN$/.test(name)
  )
}

/** `;Password=KFaenmBEZzttdw;`: in code such letters would be a name, in the address of a database they are none. */
function isOfConnection({ text: value, start }: NamedValue, text: string): boolean {
  if (!CONNECTION.test(text.slice(Math.max(0, start - 12), start))) return false
  return value.length >= 8 && isVaried(value) && !isPlaceholder(value) && !/password/i.test(value)
}

function restOf(value: NamedValue, text: string, kind: Kind): RegExp {
  if (kind === 'password' && VARIABLE.test(text.slice(Math.max(0, value.start - 64), value.start))) return REST_LINE
  if (value.text.length < JUDGED) return NOTHING
  return value.quoted ? REST_QUOTED : REST_BARE
}

/** The redactor's own mark holds such words. */
function isOwnMark(text: string, start: number): boolean {
  return /\[REDACTED:[a-z_:]{0,32}$/.test(text.slice(Math.max(0, start - 44), start))
}

function isSecret({ text, quoted, next }: NamedValue, kind: Kind): boolean {
  if (isPlaceholder(text) || PUBLISHABLE.test(text) || ACCOUNT.test(text) || (!quoted && isCode(text, next)))
    return false
  // `PWD` is also the name of a directory variable.
  if (kind === 'password') return isVaried(text) && !VERSION.test(text) && !/\s|^[/~]|^[A-Za-z]:[\\/]/.test(text)
  if (!quoted && isMadeOfWords(text)) return false
  return text.length >= 12 && (looksRandom(text) || isLongNumber(text)) && !/\s/.test(text)
}

/** More digits than any number of 64 bits has, and of many kinds. */
function isLongNumber(text: string): boolean {
  return /^\d{22,40}$/.test(text) && new Set(text).size > 6
}

/** A call, a member access, an index, a type or a number: `getToken(`, `self.token2`, `Config::new`, `os.environ[`, `BinaryLike`, `0x1F`. */
function isCode(text: string, next: string): boolean {
  if (next === '(' || next === '[' || next === '{' || /::|^null!$/.test(text)) return true
  if (/^[A-Za-z_$]+$/.test(text)) return !mixesCase(text)
  if (/^0x[0-9a-f]{1,31}$|^[\d._]+$/i.test(text)) return !isLongNumber(text)
  return /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$#][\w$]*)+$/.test(text) && !looksRandom(text)
}

function labels(text: string, start: number, kind: Kind): Pick<RedactionFinding, 'category' | 'detector_id'> {
  if (kind === 'password' || kind === 'short') return { category: 'password', detector_id: 'secret_password' }
  if (/aws/i.test(text.slice(Math.max(0, start - 24), start))) return { category: 'aws', detector_id: 'secret_aws' }
  if (kind === 'key') return { category: 'api_key', detector_id: 'secret_api_key' }
  return { category: 'token', detector_id: 'secret_token' }
}
