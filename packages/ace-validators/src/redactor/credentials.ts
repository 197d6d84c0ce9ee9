import { finding, matchAt, startsToken, type Rule } from './rule.ts'
import { isPlaceholder, isVaried, looksRandom, UUID } from './value-shapes.ts'

/** Thirty-two digits are the public half of an address of Sentry. */
const LONE_USER = /(?![0-9a-f]{32}@)([A-Za-z0-9_-]{20,256})@(?=[\w.[-])/y
const USER_INFO = /[^\s/?#@:"'`<>\\]{0,128}:([^\s/@"'`<>\\]{1,256})@(?=[\w.[-])/y
/** Schemes of databases, caches and queues. */
const DATABASE =
  /^(?:postgres(?:ql)?|pgsql|mysql2?|mariadb|mongodb|rediss?|valkey|amqps?|mssql|sqlserver|oracle|db2|clickhouse|cockroachdb|couchdb|cassandra|neo4j|bolt|nats|kafka|memcached|snowflake|influxdb|elasticsearch|opensearch|libsql|turso|jdbc)$/i

/** `scheme://user:password@host` and `https://token@host`: they go, the address stays readable. */
const urlCredentials: Rule = {
  triggers: ['://'],
  find(text, start, end) {
    const user = matchAt(LONE_USER, text, end)?.[1]
    if (user !== undefined && looksRandom(user) && !isPlaceholder(user))
      return finding('token', 'secret_token', end, end + user.length)
    const match = matchAt(USER_INFO, text, end)
    const password = match?.[1]
    if (match === undefined || password === undefined || /^\[REDACTED:|[${}<]|%s|\*{3}/.test(password)) return undefined
    const scheme =
      /([A-Za-z][A-Za-z0-9.-]{0,20})(?:\+[a-z0-9]{1,20})?$/.exec(text.slice(Math.max(0, start - 48), start))?.[1] ?? ''
    const stop = end + match[0].length - 1
    if (DATABASE.test(scheme)) return finding('db_url', 'secret_db_url', stop - password.length, stop)
    // Manuals show `https://user:pass@host`.
    if (!isVaried(password) && password.length < 12) return undefined
    return finding('password', 'secret_password', stop - password.length, stop)
  },
}

const USER_FLAG = /[\s=]{0,4}["']?[\w.@+~-]{1,128}:([^\s"'@/:]{6,128})(?=["'\s]|$)/y

/** `curl -u name:password`. */
const curlUser: Rule = {
  triggers: [' -u', ' --user'],
  find(text, start, end) {
    const match = matchAt(USER_FLAG, text, end)
    const value = match?.[1]
    if (match === undefined || value === undefined || isPlaceholder(value) || !isVaried(value)) return undefined
    if (!/\bcurl\b/.test(text.slice(Math.max(0, start - 256), start))) return undefined
    const stop = end + match[0].length
    return finding('password', 'secret_password', stop - value.length, stop)
  },
}

const PASSWORD_FLAG = /\s{0,4}["']?([^\s"'|&;<>]{6,128})(?=["'\s]|$)/y
const TAKES_PASSWORD =
  /\b(?:redis-cli\b[^\r\n|;,]{0,128} -a|(?:login|sshpass|mysql(?:dump|admin)?|mariadb|twine|psexec|7z|zip|unzip)\b[^\r\n|;,]{0,128} -p)$/i

/** `docker login -u name -p password`, `mysql -ppassword`. */
const passwordFlag: Rule = {
  triggers: [' -p', ' -a'],
  find(text, start, end) {
    const match = matchAt(PASSWORD_FLAG, text, end)
    const value = match?.[1]
    if (match === undefined || value === undefined || isPlaceholder(value) || !isVaried(value)) return undefined
    if (!TAKES_PASSWORD.test(text.slice(Math.max(0, start - 160), end)) || /^[-/~.$%]|^\d+:/.test(value))
      return undefined
    const stop = end + match[0].length
    return finding('password', 'secret_password', stop - value.length, stop)
  },
}

const SCHEME = /\s{1,4}([A-Za-z0-9+/_.~=-]{12,2048})/y
const HEADER = /["']?\s{0,2}[:=,]\s{0,4}["']?(?:[A-Za-z][\w-]{2,32}\s{1,2})?([A-Za-z0-9+/_.~=-]{12,2048})/y

/** `Bearer …` and `Basic …` wherever they stand, anything after `Authorization:`. */
const authorization: Rule = {
  triggers: ['bearer', 'basic', 'authorization'],
  find(text, start, end) {
    if (!startsToken(text, start)) return undefined
    const match = matchAt(SCHEME, text, end) ?? matchAt(HEADER, text, end)
    const value = match?.[1]
    if (match === undefined || value === undefined || isPlaceholder(value) || NO_CREDENTIAL.test(value))
      return undefined
    if (!looksRandom(value) && !UUID.test(value) && !holdsUserAndPassword(value)) return undefined
    const stop = end + match[0].length
    return finding('api_key', 'secret_api_key', stop - value.length, stop)
  },
}

/** `Basic authentication2026`; the parts of a signature have rules of their own. */
const NO_CREDENTIAL = /^(?:[A-Za-z][a-z]{2,}\d{1,4}$|[A-Za-z]+=)/

/** The base64 of `Basic`: a name, a colon and a password. */
function holdsUserAndPassword(value: string): boolean {
  return /^[\x21-\x7e]{1,64}:[\x21-\x7e]{6,128}$/.test(Buffer.from(value, 'base64').toString('latin1'))
}

const STORED_LOGIN = /["']?\s{0,4}[:=]\s{0,4}["']?([A-Za-z0-9+/]{12,2048}={0,2})(?=["'\s]|$)/y

/** `"auth": "…"` of Docker and `_auth=…` of npm: a name, a colon and a password, in base64. */
const storedLogin: Rule = {
  triggers: ['"auth', '_auth'],
  find(text, _start, end) {
    const match = matchAt(STORED_LOGIN, text, end)
    const value = match?.[1]
    if (match === undefined || value === undefined || !holdsUserAndPassword(value)) return undefined
    const stop = end + match[0].length
    return finding('password', 'secret_password', stop - value.length, stop)
  },
}

const KEY_OF_QUERY = /([A-Za-z0-9_-]{16,256})(?![\w.%-])/y

/** `?key=…` in an address, and ` key=…` in a line of a log. */
const queryKey: Rule = {
  triggers: ['?key=', '&key=', ' key='],
  find(text, _start, end) {
    const value = matchAt(KEY_OF_QUERY, text, end)?.[1]
    if (value === undefined || !/\d/.test(value) || isPlaceholder(value) || !looksRandom(value)) return undefined
    return finding('api_key', 'secret_api_key', end, end + value.length)
  },
}

const SIGNATURE = /=([A-Za-z0-9%+/_-]{20,256}={0,2})/y

/** Signed URLs: Azure shared access signatures, AWS pre-signed requests. */
const signature: Rule = {
  triggers: ['?sig', '&sig', 'x-amz-signature', 'x-goog-signature', 'sharedaccesskey', 'sharedaccesssignature'],
  find(text, _start, end) {
    const match = matchAt(SIGNATURE, text, end)
    const value = match?.[1]
    if (value === undefined || !looksRandom(value.replaceAll(/%[0-9A-F]{2}/gi, '+'))) return undefined
    return finding('token', 'secret_token', end + 1, end + 1 + value.length)
  },
}

/** A line of `.pgpass`. */
const pgpass: Rule = {
  triggers: [':5432:', ':5433:', ':6432:'],
  find(text, _start, end) {
    const match = matchAt(/[\w*-]{1,64}:[\w*-]{1,64}:(\S{4,128})/y, text, end)
    const value = match?.[1]
    if (match === undefined || value === undefined || isPlaceholder(value)) return undefined
    return finding('password', 'secret_password', end + match[0].length - value.length, end + match[0].length)
  },
}

/** `IDENTIFIED BY 'password'` of SQL. */
const identifiedBy: Rule = {
  triggers: ['identified by'],
  find(text, _start, end) {
    const match = matchAt(/\s{1,4}(?:password\s{1,4})?(["'])([^"'\s]{6,128})(?=\1)/iy, text, end)
    const value = match?.[2]
    if (match === undefined || value === undefined || isPlaceholder(value) || !isVaried(value)) return undefined
    const stop = end + match[0].length
    return finding('password', 'secret_password', stop - value.length, stop)
  },
}

/** `user:password@tcp(host)/database` of Go. */
const goDatabase: Rule = {
  triggers: ['@tcp(', '@unix('],
  find(text, start) {
    const value = /[\w.-]{1,64}:([^\s"'`/@:[\]]{4,128})$/.exec(text.slice(Math.max(0, start - 193), start))?.[1]
    if (value === undefined || isPlaceholder(value) || !isVaried(value)) return undefined
    return finding('db_url', 'secret_db_url', start - value.length, start)
  },
}

export const credentialRules: readonly Rule[] = [
  urlCredentials,
  curlUser,
  passwordFlag,
  authorization,
  identifiedBy,
  goDatabase,
  storedLogin,
  queryKey,
  signature,
  pgpass,
]
