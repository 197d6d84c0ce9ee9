// Secrets of many issuers in many surroundings, and what only looks like one, made from a seed.
import { pick, seededRandom, type Random } from '../generated-files/random.ts'
import type { SecretRow } from './secret-rows.ts'

const SEED = 20261121
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const HEX = '0123456789abcdef'
const BASE62 = `${LETTERS}0123456789`
const URL_SAFE = `${BASE62}-_`

/** How each issuer writes its keys: a beginning, and random characters. No scanner takes these halves for a key. */
const KINDS: readonly (readonly [kind: string, name: string, beginning: string, alphabet: string, length: number])[] = [
  ['aws', 'AWS_ACCESS_KEY_ID', 'AKIA', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16],
  ['aws secret', 'AWS_SECRET_ACCESS_KEY', '', `${BASE62}+/`, 40],
  ['openai', 'OPENAI_API_KEY', 'sk-proj-', URL_SAFE, 74],
  ['anthropic', 'ANTHROPIC_API_KEY', 'sk-ant-api03-', URL_SAFE, 93],
  ['groq', 'GROQ_API_KEY', 'gsk_', BASE62, 52],
  ['hugging face', 'HF_TOKEN', 'hf_', LETTERS, 34],
  ['openrouter', 'OPENROUTER_API_KEY', 'sk-or-v1-', HEX, 64],
  ['github', 'GITHUB_TOKEN', 'ghp_', BASE62, 36],
  ['gitlab', 'GITLAB_TOKEN', 'glpat-', URL_SAFE, 20],
  ['npm', 'NPM_TOKEN', 'npm_', BASE62, 36],
  ['pypi', 'TWINE_PASSWORD', 'pypi-AgEIcHlwaS5vcmc', URL_SAFE, 90],
  ['slack', 'SLACK_BOT_TOKEN', ['xoxb', '593345775378', '9747569313254', ''].join('-'), BASE62, 24],
  ['stripe', 'STRIPE_KEY', 'sk_live_', BASE62, 24],
  ['google', 'GOOGLE_API_KEY', 'AIza', URL_SAFE, 35],
  ['password', 'DB_PASSWORD', '', `${BASE62}%^@`, 18],
  ['twilio', 'TWILIO_API_KEY', 'SK', HEX, 32],
  ['aws session', 'AWS_SESSION_TOKEN', 'IQoJb3JpZ2luX2Vj', `${BASE62}+/`, 300],
  ['any token', 'SERVICE_TOKEN', '', BASE62, 24],
  ['any key', 'SERVICE_API_KEY', '', BASE62, 32],
]
const FORMS: Readonly<Record<string, (name: string, value: string) => readonly [before: string, after: string]>> = {
  env: (name) => [`PORT=8080\n${name}=`, '\nHOST=db'],
  shell: (name) => [`export ${name}="`, '" && make'],
  yaml: (name) => [`service:\n  ${name.toLowerCase()}: `, '\n  retries: 3'],
  json: (name) => [`{"${name}":"`, '","region":"eu"}'],
  code: (name) => [`const client = open({ ${name.toLowerCase()}: '`, "' })"],
  prose: (name) => [`The ${name} is `, ', change it on Friday.'],
  'prose before': (name) => ['Use ', ` as the ${name} until Friday.`],
  colours: (name) => [`\u001b[31m${name}\u001b[0m=\u001b[33m`, '\u001b[0m'],
  typed: (name) => [`const ${name}: &str = "`, '";'],
  pair: (name) => [`- name: ${name}\n  value: "`, '"'],
  attribute: (name) => [`<add key="${name}" value="`, '" />'],
  table: (name) => [`| ${name} | \``, '` |'],
  header: () => ['GET / HTTP/1.1\nAuthorization: Bearer ', '\n'],
}
/** Nobody sends the password of a database as a bearer token; next to other names too much would look like one. */
const PASSWORD_FORMS = new Set(['env', 'shell', 'yaml', 'json', 'code', 'prose', 'colours', 'typed'])
const BENIGN: Readonly<Record<string, (random: Random) => string>> = {
  commit: (random) => `commit ${text(random, HEX, 40)}`,
  integrity: (random) => `"integrity": "sha512-${text(random, BASE62, 86)}=="`,
  digest: (random) => `image@sha256:${text(random, HEX, 64)}`,
  uuid: (random) => [8, 4, 4, 4, 12].map((length) => text(random, HEX, length)).join('-'),
  placeholder: () => 'OPENAI_API_KEY=sk-...',
  reference: () => 'password: ${DB_PASSWORD}',
  name: () => 'passwordResetTokenRepositoryFactory(apiKeyHeaderName)',
  pair: () => "register('token', createTokenProvider), | api_key | the key of the service |",
  'published key': (random) => `STRIPE_KEY=pk_live_${text(random, BASE62, 24)}`,
  'session id': (random) => `session_id: ${[8, 4, 4, 4, 12].map((length) => text(random, HEX, length)).join('-')}`,
  'empty key': () => '-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----',
  trace: (random) => `traceparent: 00-${text(random, HEX, 32)}-${text(random, HEX, 16)}-01`,
  image: (random) => `data:image/png;base64,iVBORw0KGgo${text(random, BASE62, 80)}`,
  checksum: (random) => `golang.org/x/text v0.14.0 h1:${text(random, BASE62, 43)}=`,
}
const BENIGN_EACH = 12

export function generatedSecretRows(): SecretRow[] {
  const random = seededRandom(SEED)
  const secret = KINDS.flatMap(([kind, name, beginning, alphabet, length]) =>
    Object.entries(FORMS).flatMap(([form, surround]) => {
      if (kind === 'password' && !PASSWORD_FORMS.has(form)) return []
      const value = beginning + text(random, alphabet, length)
      const [before, after] = surround(name, value)
      const place = { value, start: before.length, end: before.length + value.length }
      return [row(`${kind} ${form}`, 'secret', kind, form, before + value + after, [place])]
    }),
  )
  const benign = Object.entries(BENIGN).flatMap(([kind, make]) =>
    Array.from({ length: BENIGN_EACH }, (_, index) =>
      row(`${kind} ${index}`, 'benign', kind, 'plain', make(random), []),
    ),
  )
  return [...secret, ...benign]
}

function row(
  id: string,
  label: string,
  kind: string,
  form: string,
  content: string,
  secrets: SecretRow['secrets'],
): SecretRow {
  return { id, label, kind, form, tier: 'core', contested: false, text: content, secrets }
}

function text(random: Random, alphabet: string, length: number): string {
  const [first = '', ...rest] = alphabet
  return Array.from({ length }, () => pick(random, [first, ...rest])).join('')
}
