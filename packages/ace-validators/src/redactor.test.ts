import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SECRET_CATEGORIES, type RedactionFinding } from '@ctxlock/contracts/ports'

import { createRedactor } from './redactor.ts'
import { credentialRules } from './redactor/credentials.ts'
import { environmentRules } from './redactor/environment.ts'
import { namedValueRules } from './redactor/named-values.ts'
import { withoutOverlaps } from './redactor/overlaps.ts'
import { pathRules } from './redactor/paths.ts'
import { personalDataRules } from './redactor/personal-data.ts'
import { privateKeyRules } from './redactor/private-keys.ts'
import { joinedLiterals } from './redactor/joined-literals.ts'
import { plainSpelling } from './redactor/spellings.ts'
import { innerTokenRules, tokenRules } from './redactor/token-rules.ts'
import { webhookRules } from './redactor/webhooks.ts'

const SEED = 20261120
const redactor = createRedactor()

// All values are made up. They are put together here so that no scanner of this repository takes them for real ones.
const key = (prefix: string, body: string): string => prefix + body
const RANDOM = 'q7ZkT2mVx9LpR4sWb8NcY3dF'
const HEX = '9f86d081884c7d659a2feaa0c55ad015'
const UUID = '9f86d081-884c-4d65-9a2f-eaa0c55ad015'

function found(text: string): string[] {
  return redactor.detect(text).map(({ detector_id, start, end }) => `${detector_id}=${text.slice(start, end)}`)
}

describe('CP-032: what is found', () => {
  it.each([
    ['secret_api_key', `OPENAI_API_KEY=${key('sk-', RANDOM)}`, key('sk-', RANDOM)],
    ['secret_api_key', `use ${key('sk-proj-', RANDOM)}.`, key('sk-proj-', RANDOM)],
    ['secret_api_key', `${key('api_', RANDOM)}`, key('api_', RANDOM)],
    ['secret_api_key', `Authorization: Bearer ${RANDOM}`, RANDOM],
    ['secret_api_key', `x-api-key: ${RANDOM}`, RANDOM],
    ['secret_api_key', `const apiKey: string = '${RANDOM}'`, RANDOM],
    ['secret_aws', `key ${key('AKIA', 'IOSFODNN7Q4MPLET')}`, key('AKIA', 'IOSFODNN7Q4MPLET')],
    ['secret_aws', `AWS_SECRET_ACCESS_KEY=/${RANDOM}+${RANDOM}`, `/${RANDOM}+${RANDOM}`],
    ['secret_db_url', 'postgres://app:hunter2@db.internal:5432/prod', 'hunter2'],
    ['secret_db_url', 'mongodb+srv://svc:s3cr3t@cluster0.example.net/?w=1', 's3cr3t'],
    ['secret_password', 'password=hunter2', 'hunter2'],
    ['secret_password', 'passwd: s3cr3t!', 's3cr3t!'],
    ['secret_password', '{"username":"svc","password":"T5cTX$pu"}', 'T5cTX$pu'],
    ['secret_password', '"{\\"password\\":\\"T5cTX$pu\\"}"', 'T5cTX$pu'],
    ['secret_password', '<password>hunter2x</password>', 'hunter2x'],
    ['secret_password', `https://deploy:${RANDOM}@artifacts.example.com/x.tgz`, RANDOM],
    ['secret_password', `machine host login bob password ${RANDOM}`, RANDOM],
    ['secret_token', key('ghp_', RANDOM + RANDOM.slice(0, 12)), key('ghp_', RANDOM + RANDOM.slice(0, 12))],
    ['secret_token', `token: "${RANDOM}"`, RANDOM],
    ['secret_token', `Cookie: theme=dark; session=${RANDOM}; lang=en`, RANDOM],
    ['secret_token', `https://x.blob.core.windows.net/b?sv=1&sig=${RANDOM}%3D`, `${RANDOM}%3D`],
    ['secret_token', `Use ${RANDOM} as the VERCEL_TOKEN until Friday`, RANDOM],
    ['secret_token', `Use "${RANDOM}" as your ${'A'.repeat(39)}_TOKEN until Friday`, RANDOM],
    ['secret_token', `<add key="SERVICE_TOKEN" value="${RANDOM}" />`, RANDOM],
    ['secret_token', `- name: SERVICE_TOKEN\n  value: ${RANDOM}`, RANDOM],
    ['secret_token', `| SERVICE_TOKEN | \`${RANDOM}\` |`, RANDOM],
    ['secret_token', `const SERVICE_TOKEN: &str = "${RANDOM}";`, RANDOM],
    ['secret_token', `variable "service_token" {\n  default = "${RANDOM}"\n}`, RANDOM],
    ['secret_token', `\u001b[31mtoken\u001b[0m=\u001b[33m${RANDOM}\u001b[0m`, RANDOM],
    ['secret_token', 'SERVICE_TOKEN=wbZBdooBhjFTyXwRJQLShBzo', 'wbZBdooBhjFTyXwRJQLShBzo'],
    ['secret_password', 'DB_HOST=db\nDB_PASSWORD=WU#8d;ksQ&-Y\nPORT=1', 'WU#8d;ksQ&-Y'],
    ['secret_api_key', key('SK', HEX), key('SK', HEX)],
    ['secret_api_key', `HEROKU_API_KEY: ${UUID}`, UUID],
    ['secret_api_key', `"api-key": "${UUID}"`, UUID],
    ['secret_token', `client_secret=${UUID}`, UUID],
    ['secret_token', `DROPBOX_TOKEN=${RANDOM}AAAAAAAAAA${RANDOM}`, `${RANDOM}AAAAAAAAAA${RANDOM}`],
    ['secret_password', 'machine git.example.net login al password pass1', 'pass1'],
    ['secret_password', 'mysqldump --user app --password Tr0ub4dor shop', 'Tr0ub4dor'],
    ['secret_password', 'curl -sSf -u deploy:Tr0ub4dor https://a.example.net', 'Tr0ub4dor'],
    ['secret_password', 'curl --user "deploy:Tr0ub4dor" https://a.example.net', 'Tr0ub4dor'],
    ['secret_api_key', `Authorization: Basic ${btoa('svc:abcdefghi')}`, btoa('svc:abcdefghi')],
    ['secret_token', `zipcodebase token = '${UUID}'`, UUID],
    ['secret_token', `Zulip token - '${RANDOM}'`, RANDOM],
    ['secret_api_key', `GET https://a.example.net/v1/user?x=1&key=${RANDOM}`, RANDOM],
    ['secret_api_key', `[DEBUG] Using Key=${RANDOM}`, RANDOM],
    ['secret_token', `<secret>{AQAAABAAAAAQ${RANDOM}}</secret>`, `AQAAABAAAAAQ${RANDOM}`],
    ['secret_token', `<secret>{box AQAAABAAA ${RANDOM}}</secret>`, RANDOM],
    ['secret_password', `{"auths":{"docker.io":{"auth":"${btoa('me:hunter2x')}"}}}`, btoa('me:hunter2x')],
    ['secret_password', `//registry.example.net/:_auth=${btoa('me:hunter2x')}`, btoa('me:hunter2x')],
    [
      'secret_api_key',
      key('sdk-', '5gykyl1b-wgrq-41lc-z6q1-h7zn5fdlcybw'),
      key('sdk-', '5gykyl1b-wgrq-41lc-z6q1-h7zn5fdlcybw'),
    ],
    ['secret_db_url', String.raw`{"dsn":"postgres:\/\/app:hunter2@10.0.0.5:5432\/x"}`, 'hunter2'],
    ['secret_token', `<a href="https://x.blob.example.net/b?sv=1&amp;sig=${RANDOM}%3D">`, `${RANDOM}%3D`],
    ['secret_token', String.raw`{"u":"https://x.blob.example.net/b?sv=1\u0026sig=${RANDOM}%3D"}`, `${RANDOM}%3D`],
    ['secret_api_key', `https://a.example.net/?a=1&amp;key=${RANDOM}`, RANDOM],
    ['secret_password', 'pass\u200bword = "hunter2X9!z"', 'hunter2X9!z'],
    ['path_absolute', String.raw`{"file":"\/home\/al\/x.ts"}`, String.raw`\/home\/al\/x.ts`],
    ['path_absolute', String.raw`"C:\/Users\/al\/x.ts"`, String.raw`C:\/Users\/al\/x.ts`],
    ['path_absolute', String.raw`{"u":"file:\/\/\/home\/al\/x"}`, String.raw`file:\/\/\/home\/al\/x`],
    ['secret_api_key', `PRIVATE_KEY=0x${HEX}${HEX}`, `0x${HEX}${HEX}`],
    ['secret_token', 'SECRET_KEY=829471037561928374650192', '829471037561928374650192'],
    ['secret_token', `  secret_key_base: ${HEX}`, HEX],
    ['secret_password', `db_password            = "${RANDOM}"`, RANDOM],
    ['secret_api_key', `process.env.API_KEY ?? "${RANDOM}"`, RANDOM],
    ['secret_password', `os.environ.get("DB_PASSWORD") or "${RANDOM}"`, RANDOM],
    ['secret_api_key', `Authorization: Token ${RANDOM}`, RANDOM],
    ['secret_api_key', `Authorization: ${RANDOM}`, RANDOM],
    ['secret_api_key', `API key: ${RANDOM}`, RANDOM],
    ['secret_password', `**Password:** ${RANDOM}`, RANDOM],
    ['secret_password', `**Password**: ${RANDOM}`, RANDOM],
    ['secret_password', `pass: ${RANDOM}`, RANDOM],
    ['secret_password', `DBPASS=${RANDOM}`, RANDOM],
    ['secret_password', `pw=${RANDOM}`, RANDOM],
    ['secret_api_key', `<string name="api_key">${RANDOM}</string>`, RANDOM],
    ['secret_api_key', `<key>api_key</key>\n<string>${RANDOM}</string>`, RANDOM],
    ['secret_api_key', `api_key: >-\n  ${RANDOM}`, RANDOM],
    ['secret_token', `token = """${RANDOM}"""`, RANDOM],
    ['secret_password', `password: &pw ${RANDOM}`, RANDOM],
    ['secret_password', `CREATE USER bob IDENTIFIED BY '${RANDOM}'`, RANDOM],
    ['secret_db_url', `bob:${RANDOM}@tcp(127.0.0.1:3306)/db`, RANDOM],
    ['secret_password', `密码：${RANDOM}`, RANDOM],
    ['secret_password', `contraseña: ${RANDOM}`, RANDOM],
    ['secret_password', `Kennwort: ${RANDOM}`, RANDOM],
    ['secret_api_key', `client.setApiKey("${RANDOM}")`, RANDOM],
    ['secret_password', `if (password === "${RANDOM}")`, RANDOM],
    ['secret_password', `password "${RANDOM}"`, RANDOM],
    ['secret_api_key', `{:api-key "${RANDOM}"}`, RANDOM],
    ['secret_api_key', `apiKeys: ["${RANDOM}"]`, RANDOM],
    ['secret_token', `TOKEN = (\n    "${RANDOM}"\n)`, RANDOM],
    ['secret_api_key', `<meta name="api-key" content="${RANDOM}">`, RANDOM],
    ['secret_api_key', `<meta-data android:name="API_KEY" android:value="${RANDOM}"/>`, RANDOM],
    ['secret_password', `The password is ${RANDOM}`, RANDOM],
    ['secret_password', `requirepass ${RANDOM}`, RANDOM],
    ['secret_token', `Cookie: PHPSESSID=${RANDOM}`, RANDOM],
    ['secret_password', 'docker login -u bob -p Tr0ub4dor registry.example.net', 'Tr0ub4dor'],
    ['secret_password', 'mysql -uroot -pTr0ub4dor shop', 'Tr0ub4dor'],
    ['secret_token', `git clone https://${RANDOM}@git.example.net/o/r.git`, RANDOM],
    ['secret_token', `CODECOV_TOKEN=${UUID}`, UUID],
    ['secret_token', `CONSUL_HTTP_TOKEN: "${UUID}"`, UUID],
    ['pii_email', 'mail ilja.example@posteo.de now', 'ilja.example@posteo.de'],
    ['pii_phone', 'call +49 30 1234 5678 now', '+49 30 1234 5678'],
    ['pii_phone', '(555) 123-4567', '(555) 123-4567'],
    ['pii_phone', 'call 555-123-4567.', '555-123-4567'],
    ['path_absolute', 'reading /home/ilja/app/src/a.ts:3 failed', '/home/ilja/app/src/a.ts'],
    ['path_absolute', String.raw`open C:\Users\ilja\x.txt`, String.raw`C:\Users\ilja\x.txt`],
    ['path_absolute', String.raw`open \\server\share\plan.docx`, String.raw`\\server\share\plan.docx`],
    ['path_absolute', 'see file:///etc/app/conf.yml', 'file:///etc/app/conf.yml'],
    ['path_absolute', 'cat ~/.ssh/id_ed25519', '~/.ssh/id_ed25519'],
    ['path_absolute', 'cat $HOME/.cache/x', '$HOME/.cache/x'],
    ['path_absolute', "open '/home/al/New folder (2)/data file.csv'", '/home/al/New folder (2)/data file.csv'],
    ['path_absolute', 'not found: /home/al ice/my dir/a b.ts', '/home/al ice/my dir/a b.ts'],
    ['path_absolute', '"failed:\\n/home/al/a.ts"', '/home/al/a.ts'],
    ['path_absolute', 'cc -I/usr/include/x11 a.c', '/usr/include/x11'],
    ['path_absolute', '/d/work/x.ts', '/d/work/x.ts'],
    ['path_absolute', String.raw`reading C:\ failed`, 'C:\\'],
    ['path_absolute', String.raw`d:\a\1\s\x.cs`, String.raw`d:\a\1\s\x.cs`],
    ['path_absolute', String.raw`%PROGRAMDATA%\\ace\\x`, String.raw`%PROGRAMDATA%\\ace\\x`],
    ['path_absolute', '$XDG_CONFIG_HOME/ace/a.toml', '$XDG_CONFIG_HOME/ace/a.toml'],
    ['path_absolute', String.raw`"D:\プロジェクト\a.txt"`, String.raw`D:\プロジェクト\a.txt`],
    ['path_absolute', 'cwd=D:/Проекты/app/main.js', 'D:/Проекты/app/main.js'],
    ['path_absolute', String.raw`"C:\@work\x"`, String.raw`C:\@work\x`],
    ['path_absolute', String.raw`open \\сервер\общая\план.docx`, String.raw`\\сервер\общая\план.docx`],
    ['path_absolute', String.raw`open \\tsclient\C\x`, String.raw`\\tsclient\C\x`],
    ['path_absolute', String.raw`at run (\\nas\share:10:5)`, String.raw`\\nas\share`],
    ['path_absolute', String.raw`"C:\Users\O'Brien\secret\main.js"`, String.raw`C:\Users\O'Brien\secret\main.js`],
    ['path_absolute', `File "/home/o'brien/app/it's.py", line 3`, `/home/o'brien/app/it's.py`],
    ['path_absolute', 'reading /home/al/New folder (2)/a.ts failed', '/home/al/New folder (2)/a.ts'],
    [
      'path_absolute',
      String.raw`C:\Users\al\OneDrive - An Office\a.txt`,
      String.raw`C:\Users\al\OneDrive - An Office\a.txt`,
    ],
    ['path_absolute', 'cwd=/f/x/y.py', '/f/x/y.py'],
    ['path_absolute', 'file:C:/x/y.txt', 'C:/x/y.txt'],
    ['path_absolute', 'listening on /run/app.sock', '/run/app.sock'],
    ['env_var', 'echo $NAME', '$NAME'],
    ['env_var', 'echo ${NAME:-none}', '${NAME:-none}'],
    ['env_var', 'echo %NAME%', '%NAME%'],
  ])('%s in %s', (detector, text, value) => {
    expect(found(text)).toEqual([`${detector}=${value}`])
  })

  it('takes a private key with all its lines, as text, inside JSON, and cut off', () => {
    const body = `${RANDOM}${RANDOM}\n${RANDOM}==\n`
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${body}-----END RSA PRIVATE KEY-----`
    expect(redactor.redact(`a\n${pem}\nb`).text).toBe('a\n[REDACTED:private_key:secret_private_key]\nb')
    expect(redactor.redact(JSON.stringify({ key: pem })).text).toBe(
      '{"key":"[REDACTED:private_key:secret_private_key]"}',
    )
    expect(redactor.redact(pem.slice(0, 90)).text).toBe('[REDACTED:private_key:secret_private_key]')
  })

  it('takes the lines of a private key that was cut off, however they are joined', () => {
    const lines = [`${RANDOM}${RANDOM}`, `${RANDOM}${RANDOM}`, 'q7ZkT2']
    for (const glue of ['\n', ' ', '\\n', '\n# ', '\n * ', '",\n  "']) {
      expect(redactor.redact(`-----BEGIN PRIVATE KEY-----${glue}${lines.join(glue)}`).text).toBe(
        '[REDACTED:private_key:secret_private_key]',
      )
    }
    expect(redactor.redact("a('-----BEGIN PRIVATE KEY-----'); b('-----END PRIVATE KEY-----')").text).toBe(
      "a('[REDACTED:private_key:secret_private_key]'); b('-----END PRIVATE KEY-----')",
    )
    expect(redactor.redact('a -----BEGIN PRIVATE KEY----- line is how such a file begins').text).toBe(
      'a [REDACTED:private_key:secret_private_key] line is how such a file begins',
    )
  })

  it.each([
    ...['NRII-', 'NRIQ-', 'NRAA-', 'NRRA-'].map((prefix) => [prefix, RANDOM]),
    ['odt_', `${RANDOM}q7ZkT2mV`],
    ['EZTK', `${RANDOM}${RANDOM}q7ZkT2`],
    ['API-', 'Q7ZKT2MVX9LPR4SWB8NCY3DFAB'],
    ['ico-', `${RANDOM}q7ZkT2mV`],
    ['v1.0-', `${HEX.slice(0, 24)}-${HEX.repeat(5).slice(0, 146)}`],
    ['4b1d', `${RANDOM}${RANDOM}`.slice(0, 38)],
    ['p8e-', `${RANDOM}q7ZkT2mV`],
    ['A3-', 'Q7ZKT2-MVX9LP-R4SWB-8NCY3-DFAB2-CDEF3'],
    ['eyJrIjoi', `${RANDOM}${RANDOM}${RANDOM}==`],
    ['ABIA', 'Q7ZKT2MVX9LPR4SW'],
    ['bedrock-api-key-', `YmVkcm9jay5hbWF6b25hd3MuY29t${RANDOM}`],
    ['sgp_', `${HEX.slice(0, 16)}_${HEX}${HEX.slice(0, 8)}`],
    ['sgp_local_', `${HEX}${HEX.slice(0, 8)}`],
    ['gloas-', `${RANDOM}${RANDOM}`],
    ['GR1348941', RANDOM],
    ['pat.', `${RANDOM.slice(2)}.${RANDOM}.${RANDOM.slice(4)}`],
    ['sm_pat_', RANDOM.slice(0, 16)],
    ['s-s4t2ud-', `${HEX}${HEX}`],
    ['scauth_', 'a1b2c3.d4e5.acc_f6a7b8c9d0.q7ZkT2mVx9LpR4sWb8NcY3dFq7ZkT2mV'],
    ['fio-u-', `${RANDOM}${RANDOM}${RANDOM}`.slice(0, 64)],
    ['cmVmdGtuO', `${RANDOM}${RANDOM}${RANDOM}`.slice(0, 55)],
    ['sha256~', `${RANDOM}${RANDOM}`.slice(0, 43)],
    ['live_', `126031192_${RANDOM}`],
    ['00D', `q7ZkT2mVx9Lp!${RANDOM}.${RANDOM}_${RANDOM}`],
    ['EAAC', RANDOM.repeat(5)],
    ['AAAAAAAAAAAAAAAAAAAAA', `${RANDOM}%3D${RANDOM}${RANDOM}${RANDOM}`],
    ['xoxs-', `12-34567-${RANDOM}`],
    ['fm2_', `${RANDOM}${RANDOM}${RANDOM}`],
    ['fo1_', `${RANDOM}${RANDOM}`.slice(0, 43)],
    ['pscale_oauth_', RANDOM],
    [`${RANDOM}${RANDOM}${RANDOM}q7Zk`, 'AZDOq7Zk'],
    ['q7ZkT2_', `${RANDOM}q7ZkT_mmk`],
    [`${RANDOM.repeat(4).slice(0, 76)}+ASt`, 'q7ZkT2=='],
    [`${RANDOM.repeat(4).slice(0, 76)}ACDb`, 'q7ZkT2=='],
    [`${RANDOM}${RANDOM}`.slice(0, 33), '+ASbq7ZkT2='],
    [`${RANDOM}${RANDOM}`.slice(0, 44), 'AzFuq7ZkTQ=='],
    [`${RANDOM}${RANDOM}`.slice(0, 42), 'AzSeA7ZkT2'],
    [`${RANDOM}${RANDOM}`.slice(0, 42), '+ACRA7ZkT2'],
    [`${RANDOM}${RANDOM}`.slice(0, 33), 'AzCaA7ZkT2='],
    [`${RANDOM}${RANDOM}q7Zk`, `JQQJ99q7ZkT2mVx9LpR4sWACOGq7Zk`],
    ['q7ZkT2mVx9L:APA91b', RANDOM.repeat(6).slice(0, 134)],
    ['sk_org_live_', RANDOM],
    ['sk_', HEX + HEX.slice(0, 16)],
    ['tgp_v1_', `${RANDOM}${RANDOM}`.slice(0, 43)],
    ['e2b_', HEX + HEX.slice(0, 8)],
    ['rpa_', `${RANDOM}${RANDOM}`.slice(0, 43)],
    ['fc-', HEX],
    ['wandb_v1_', RANDOM.repeat(3)],
    ['vastai_', HEX + HEX],
    ['napi_', `${HEX}${HEX}`],
    ['AQVN', `${RANDOM}${RANDOM}`.slice(0, 36)],
    ['AKID', `${RANDOM}q7ZkT2mV`],
    ['SSWS ', `00${RANDOM}${RANDOM}`.slice(0, 42)],
    ['rzp_live_', RANDOM.slice(0, 14)],
    ['hcaik_01', `${HEX}${HEX}`.slice(0, 56)],
    ['vercel_blob_rw_', `${RANDOM.slice(0, 16)}_${RANDOM}q7ZkT2`],
    ['pk_', `12248509_${HEX.toUpperCase()}`],
    ['1/', `1201234567890123:${HEX}`],
    ['ATTA', HEX + HEX],
    ['mfa.', RANDOM.repeat(4).slice(0, 84)],
    ['t1.9eu', `${RANDOM.repeat(3)}.${RANDOM.repeat(4).slice(0, 86)}`],
    ['cfut_', `${RANDOM}${RANDOM}`.slice(0, 40)],
    ['bkct_', `${RANDOM}${RANDOM}`.slice(0, 40)],
    ['ddp_', `${RANDOM}${RANDOM}`.slice(0, 36)],
    ['access-production-', UUID],
    ['live_', `${RANDOM}${RANDOM}`.slice(0, 40)],
    ['EAAG', RANDOM.repeat(5)],
    ['sl.u.', RANDOM.repeat(6)],
    ['glpat-', `${RANDOM}.01.a1b2c3d4e`],
    ['glrtr-', RANDOM],
    ['xoxc-', `123456789-123456789-${HEX}`],
    ['xprv', 'q7ZkT2mVx9LpR4sWb8NcY3dF'.repeat(5).slice(0, 107)],
    ['eyJhbGciOiJSU0EtT0FFUCJ9.', `${RANDOM}.${RANDOM.slice(8)}.${RANDOM}.${RANDOM.slice(2)}`],
    ['https://open.feishu.cn/open-apis/bot/v2/hook/', UUID],
    ['https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=', UUID],
    ['https://hooks.zapier.com/hooks/catch/', '1234567/a1b2c3d/'],
    ['https://maker.ifttt.com/trigger/x/with/key/', RANDOM],
    ['https://mainnet.infura.io/v3/', HEX],
    ['https://eth-mainnet.g.alchemy.com/v2/', HEX],
    ['https://mm.example.net/hooks/', 'v4lcug7doi1ne6kfjpqol9mqxv'],
    ['https://outlook.office.com/webhook/', `${UUID}@${UUID}/IncomingWebhook/${HEX}`],
  ])('takes a token that begins with %s', (prefix, rest) => {
    const token = key(prefix, rest)
    expect(redactor.redact(`use ${token} now`).text).toMatch(/^use \[REDACTED:[a-z_:]+\] now$/)
    expect(redactor.redact(`{"a":"${token}"}`).text).toMatch(/^\{"a":"\[REDACTED:[a-z_:]+\]"\}$/)
  })

  it('takes the private half of keys that are no PEM', () => {
    const value = `${RANDOM}${RANDOM}`.slice(0, 43)
    const secret = `secret_private_key=${value}`
    expect(found(`{"kty":"EC","crv":"P-256","x":"${value}","d":"${value}"}`)).toEqual([secret])
    expect(found(JSON.stringify(JSON.stringify({ k: value, kty: 'oct' })))).toEqual([secret])
    expect(found(`{"d":"${value}"}`)).toEqual([])
    expect(found(`<RSAKeyValue><Modulus>${value}</Modulus><D>${value}</D></RSAKeyValue>`)).toEqual([secret])
    const putty = `Private-Lines: 2\n${RANDOM}\n${RANDOM}`
    expect(found(`Public-Lines: 1\n${RANDOM}\n${putty}\nPrivate-MAC: 0`)).toEqual([`secret_private_key=${putty}`])
    const tunnel = `-----BEGIN OpenVPN Static key V1-----\n${HEX}\n${HEX}\n-----END OpenVPN Static key V1-----`
    expect(found(`<tls-auth>\n${tunnel}\n</tls-auth>`)).toEqual([`secret_private_key=${tunnel}`])
  })

  it('takes a private key that is kept in base64, on one line or more, and leaves certificates', () => {
    const wrapped = (what: string): string =>
      btoa(`-----BEGIN ${what}-----\n${RANDOM.repeat(9)}\n-----END ${what}-----\n`)
    for (const what of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'OPENSSH PRIVATE KEY']) {
      const value = wrapped(what)
      const lines = value.match(/.{1,76}/g)?.join('\n    ')
      expect(redactor.redact(`client-key-data: ${value}\nuser: a`).text).toBe(
        'client-key-data: [REDACTED:private_key:secret_private_key]\nuser: a',
      )
      expect(redactor.redact(`tls.key: |\n    ${lines}\nuser: a`).text).toBe(
        'tls.key: |\n    [REDACTED:private_key:secret_private_key]\nuser: a',
      )
    }
    expect(found(`client-certificate-data: ${wrapped('CERTIFICATE')}`)).toEqual([])
    expect(found(`tls.crt: ${wrapped('PUBLIC KEY')}`)).toEqual([])
  })

  it('takes all of a base64 text that holds a secret, wherever the secret starts, and leaves other base64', () => {
    const secret = key('ghp_', RANDOM + RANDOM.slice(0, 12))
    for (const before of ['', 'a=', 'token=', '{"auth":"', 'key: x\n\ttoken: ']) {
      for (const encoding of ['base64', 'base64url'] as const) {
        const value = Buffer.from(`${before}${secret}", and more?>~`).toString(encoding)
        expect(found(`{"blob":"${value}","kind":"Secret"}`)).toEqual([`secret_token=${value}`])
        expect(found(`blob: ${value}`)).toEqual([`secret_token=${value}`])
      }
    }
    expect(found(`x: ${btoa(`postgres://app:hunter2@db.internal/prod`)}`)).toHaveLength(1)
    expect(found(`x: ${btoa('a perfectly ordinary sentence about tokens, mail me@host.de')}`)).toEqual([])
    expect(found(`x: ${btoa(btoa(secret))}`)).toEqual([`secret_token=${btoa(btoa(secret))}`])
    expect(found(`x: ${btoa(btoa(btoa(secret)))}`)).toEqual([])
    expect(found(`x: data:image/png;base64,iVBORw0KGgo${RANDOM.repeat(20)}`)).toEqual([])
  })

  it('takes letters alone for a password in the address of a database, and names for names', () => {
    const letters = key('KFaenm', 'BEZzttdw')
    expect(found(`Server=db;User ID=sa;Password=${letters};Encrypt=True`)).toEqual([`secret_password=${letters}`])
    expect(found(`Uid=sa;Pwd=${letters}`)).toEqual([`secret_password=${letters}`])
    expect(found('Server=db;Password=MySecretPassword;')).toEqual([])
    expect(found(`a=1;password=${letters};b=2`)).toEqual([])
  })

  it('takes a token that is written in pieces, wherever it is cut, and no names that are put together', () => {
    const token = key('ghp_', RANDOM + RANDOM.slice(0, 12))
    for (const cut of [2, 4, 6, 12, 26]) {
      const pieces = [token.slice(0, cut), token.slice(cut, cut + 9), token.slice(cut + 9)]
      for (const joint of ['" + "', '" . "', '"\n    + "', '" "', '"\n  "', '" & "', '" || "', '" .. "']) {
        const code = `"${pieces.join(joint)}"`
        expect(found(`const t = ${code};`)).toEqual([`secret_token=${code}`])
        expect(found(`const t = ${code.replaceAll('"', "'")};`)).toHaveLength(1)
      }
      expect(found(`export T=${pieces.join('\\\n')}\n`)).toEqual([`secret_token=T=${pieces.join('\\\n')}`])
    }
    for (const cut of [4, 6, 12, 26]) {
      const lines = `${token.slice(0, cut)}\n  ${token.slice(cut)}`
      expect(found(`key:\n  ${lines}\nnext: 1`)).toEqual([`secret_token=${lines}`])
    }
    // Half of a key may hold no digit.
    const wrapped = key('AKIA', 'F53VGO\n  HPINHBPHXQ')
    expect(found(`key:\n  ${wrapped}`)).toEqual([`secret_aws=${wrapped}`])
    expect(found(`"hf_" + "modelNameOfTheRepository"`)).toEqual([])
    expect(found(`"npm_" "config_cache_of_the_user_in_home"`)).toEqual([])
    expect(found(`split("a_") + "${RANDOM}"`)).toEqual([])
    expect(found(`list:\n  npm_config_cache\n  ${RANDOM} is the value\n`)).toEqual([])
    expect(found(`run npm_config_cache\n  ${RANDOM}`)).toEqual([])
  })

  it.each(['\u200b', '\u00ad', '\u2060', '\ufe0f', '\u{e0041}', '\u202e', '\u0000', '\u001b[1m'])(
    'takes a token with %j inside',
    (sign) => {
      const token = key('ghp_', RANDOM + sign + RANDOM)
      expect(found(`rotate ${token} today`)).toEqual([`secret_token=${token}`])
    },
  )

  it('takes out every character that nobody sees', () => {
    const invisible = /[[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]--[\t\n\r]]/v
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
      const sign = String.fromCodePoint(codePoint)
      if (invisible.test(sign) && plainSpelling(`a${sign}b`)?.text !== 'ab') expect.unreachable(codePoint.toString(16))
    }
  })

  it.each(
    Object.entries({
      '': ['\\e[1m', '\\33[1m', '\\033[0;1m', '\\x1B[1m', '\\u001b[1m', '\x1b[1m'],
      A: ['\\u0041', '\\\\\\u0041', '\\x41', '%41', '%252541', '&#65;', '&#x41;', '&amp;#65;'],
      '/': ['\\/', '\\\\\\/'],
      '&': ['&amp;'],
      '<': ['&lt;', '&amp;amp;lt;'],
      '>': ['&gt;'],
      '"': ['&quot;'],
      "'": ['&apos;'],
    }),
  )('reads what is written for %j', (plain, spellings) => {
    for (const spelling of spellings)
      expect(plainSpelling(`a${spelling}b ${spelling}`)?.text).toBe(`a${plain}b ${plain}`)
  })

  it.each(['\\n \\" \\\\ \\', '5 % %x 100%', 'a && b & &nbsp;'])('leaves %j as it is', (text) => {
    expect(plainSpelling(text)).toBeUndefined()
  })

  it('takes a token whose every character is written another way', () => {
    const token = key('ghp_', RANDOM + RANDOM)
    const spellings = [
      Buffer.from(token).toString('hex').replaceAll(/../g, '%$&'),
      Buffer.from(token)
        .toString('hex')
        .replaceAll(/../g, String.raw`\x$&`),
      token.replaceAll(/./g, (sign) => `&#${sign.charCodeAt(0)};`),
    ]
    for (const spelling of spellings) expect(found(`rotate ${spelling} today`)).toEqual([`secret_token=${spelling}`])
  })

  it('takes the token of a Discord bot wherever it stands', () => {
    const bot = `M${RANDOM.slice(1)}.GaB1x9.${RANDOM}abc`
    expect(found(`Error: invalid credentials ("${bot}")`)).toEqual([`secret_token=${bot}`])
    expect(found('Make.sure12.it works. Node.24.1.0 Mx.')).toEqual([])
  })

  it('takes a JSON Web Token', () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const jwt = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'u1', scope: 'admin' })}.${RANDOM}`
    expect(found(`{"access_token":"${jwt}"}`)).toEqual([`secret_token=${jwt}`])
  })

  it('takes a long secret to its end', () => {
    const long = RANDOM.repeat(200)
    expect(found(`SESSION_TOKEN=${long}`)).toEqual([`secret_token=${long}`])
    expect(found(`{"token": "${long}"}`)).toEqual([`secret_token=${long}`])
  })
})

describe('what ordinary code holds and is not found', () => {
  it.each([
    `"token": "${UUID}", page_token = '${UUID}'`,
    `{"author":"${btoa('me and my words')}","auth":"none","auth":"${btoa('no colon in this')}"}`,
    `<li key="${RANDOM}"/> for key=aVeryLongNameOfAKeyOfTheCache and ?key=search-by-the-name`,
    '<secret>{{ .Values.secretKey12 }}</secret> <token>{number}</token> the token - a "word" - is new',
    'trace_id=67eafffa-7b22-45cc-b5f6-b5516c9443b5',
    'session_id: 67eafffa-7b22-45cc-b5f6-b5516c9443b5',
    'idempotency_key=67eafffa-7b22-45cc-b5f6-b5516c9443b5',
    ...['CSRF_TOKEN', 'NEXT_PAGE_TOKEN', 'CONTINUATION_TOKEN', 'CANCEL_TOKEN'].map((name) => `${name}=${UUID}`),
    ...['public_key', 'idempotency_key', 'partition_key', 'next_page_token', 'continuation_token'].map(
      (name) => `"${name}": "${RANDOM}"`,
    ),
    `NEXT_PUBLIC_SUPABASE_ANON_KEY=sb_publishable_${RANDOM}`,
    'Basic authentication2026 overview, Authorization: HMAC14-SHA256 Credential=none',
    'PASS: TestHTTP2Server, compass: q7ZkT2mVx9LpR4sW, bypass=q7ZkT2mVx9LpR4sW',
    `password: 'Contraseña', 密码：请输入8位`,
    `token: "0x52908400098527886E0F7030069857D2E4169EE7"`,
    'Culture=neutral, PublicKeyToken=b77a5c561934e089, "parse-passwd": "^1.0.0"',
    'api_response1234567890abcd, live_reload_of_the_page_when_a_file_changes, 1/2 of 3',
    String.raw`/\d\d:\d\d/.test(x), private string _tempPassword = null!; for_pwd: RuboCop::Config2.new`,
    `https://${HEX}@o1.ingest.example.net/2, docker run -p 8080:80 a, mysql -p3306, ls -a Tr0ub4dor`,
    'The token is base64url-encoded, the session "was closed2026", password "letmein"',
    '[Tokenizer.END_TAG_TOKEN]: startTagInSelectInTable, #cachedToken: CachedX509Token, META_KEY: Capabilities2026Schema',
    'MAX_TOKEN=18446744073709551615',
    '<a href="/home/about">, <link href="/media/css/site.css">, url(/media/x.png), path: /run/jobs',
    'approx ~a/b, profile:/x, GET /home/index.html HTTP/1.1',
    String.raw`A:\ no x: \alpha \\bword\\b`,
    'api_key: 00000000-0000-0000-0000-000000000000',
    'SLACK_TOKEN=xoxb-0000000000-0000000000000-xxxxxxxxxxxxxxxxxxxxxxxx',
    'docker run -u 1000:1000 curlimages/curl',
    'curl -u user:password https://a.example.net',
    'docker login --password-stdin, --password prompt',
    'git push -u origin main:Release2',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'tests/compat.config.json, API-VERSION, live_updates, sha256~ and pat.name',
    `"integrity": "sha512-${RANDOM}${RANDOM}/${RANDOM}=="`,
    `commit ${HEX}a1b2c3d4`,
    `image@sha256:${HEX}${HEX}`,
    'const token = await nextToken(reader, options)',
    'password: string',
    'function login(user: string, password: string): Promise<Token> {',
    'password = getPassword(process.env)',
    'headers: { Authorization: `Bearer ${token}` }',
    'OPENAI_API_KEY=sk-...',
    'ANTHROPIC_API_KEY=<your-api-key-here>',
    'apiKey: process.env.OPENAI_API_KEY',
    'DB_PASSWORD=changeme',
    'const url = `${base}/${id}/x`',
    "app.get('/api/users/:id', handler)",
    'GET /v1/chat/completions',
    'https://example.com/home/alice/x?y=1#z',
    'http://localhost:3000/Users/list',
    './src/index.ts ../x node_modules/.bin/tsc',
    '/[a-z]+/gi.test(x) // comment',
    'std::vector<int> a\\b \\d+\\s* \\\\bword\\\\b',
    '#!/usr/bin/env node',
    "import x from '~/components/x.vue'",
    'git@github.com:owner/repository.git',
    'logo@2x.png lodash@4.17.21 @types/node foo@latest',
    'const day = 24 * 60 * 60 * 1000 // 86400000',
    '2026-11-20T08:14:02.123+01:00',
    '192.168.0.1 10.0.0.5:8080 127.0.0.1',
    'max_tokens: 4096, token_budget: 128000, key: "primary_model_id"',
    'SECRET_SCAN_RULES = ["aws", "github", "slack"]',
    'passwordResetEmailTemplateRendererFactory',
    'https://docs.example.org/guide?utf8=%E2%9C%93',
    'const PASSWORD_AUTH: 0x02, STENCIL_PASS: 0x0B96',
    'https://user:pass@host/ in a manual',
    'the task-list, disk-usage and risk-free words',
    'mongodb://localhost:27017/dev',
    String.raw`"Q:\nA" and "a:\n" in a string`,
    '{a:/x/} s:/a/b/ x?y:/re/g',
    '-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----',
    `STRIPE_KEY=${key('pk_live_', RANDOM)}`,
    'getAccessTokenFromEnvironmentVariable = readTokenFactory',
    "register('token', createTokenProvider), | token | the bearer token |",
  ])('%s', (text) => {
    expect(found(text)).toEqual([])
  })
})

describe('CP-034: known values', () => {
  const canary = 'canary+Value/0123456789?ä"x'
  const known = createRedactor({ secrets: [canary, 'short', '  '] })
  const bytes = Buffer.from(canary)
  const around = (offset: number): string =>
    Buffer.concat([Buffer.from('abc'.slice(0, offset)), bytes, Buffer.from('tail')]).toString('base64')

  it.each([
    ['plain', canary],
    ['JSON', JSON.stringify({ k: canary })],
    ['percent-encoded', encodeURIComponent(canary)],
    ['percent-encoded in lower case', encodeURIComponent(canary).replaceAll(/%../g, (escape) => escape.toLowerCase())],
    ['base64', bytes.toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['inside base64 at offset 1', around(1)],
    ['inside base64 at offset 2', around(2)],
    ['inside base64 at offset 3', around(3)],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['reversed', Array.from(canary).toReversed().join('')],
  ])('%s', (_, spelling) => {
    const { text, findings } = known.redact(`x = ${spelling} end`)
    expect(findings.map(({ detector_id }) => detector_id)).toContain('secret_known_value')
    expect(text).not.toContain('canary')
    expect(text).not.toContain(bytes.toString('base64').slice(4, 20))
    expect(SECRET_CATEGORIES.has(findings[0]?.category ?? 'env')).toBe(true)
  })

  it('finds values with white space of any kind, and values as long as a key file', () => {
    const words = 'correct  horse\tbattery\nstaple'
    const long = `-----BEGIN KEY-----\n${RANDOM.repeat(200)}\n-----END KEY-----`
    const both = createRedactor({ secrets: [words, long] })
    expect(both.redact(`x ${words} y`).text).toBe('x [REDACTED:api_key:secret_known_value] y')
    expect(both.redact(`x ${long} y ${JSON.stringify(long)}`).text).not.toContain(RANDOM.slice(2, 20))
    expect(both.detect('correct horse battery staple')).toEqual([])
  })

  it('does not look for values that occur by chance', () => {
    expect(known.detect('a short text')).toEqual([])
  })

  it('has the same version with and without known values: a pack must hash the same on every host', () => {
    expect(known.version).toBe(redactor.version)
  })

  it('finds any known value wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, maxLength: 40 }).filter((value) => value.trim().length >= 8),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          const { text } = createRedactor({ secrets: [secret] }).redact(`${before}${secret.trim()}${after}`)
          // The replacement itself may hold a value such as `REDACTED`.
          expect(text.replaceAll(/\[REDACTED:[a-z_]+:[a-z_]+\]/g, '\u0000')).not.toContain(secret.trim())
        },
      ),
      { seed: SEED, numRuns: 300 },
    )
  })
})

describe('properties', () => {
  const fragments =
    `password=|hunter2|token: "|"| |\n|=|:|postgres://a:b1@h/|/home/x/|AKIA|Bearer |-----BEGIN PRIVATE KEY-----|
-----END PRIVATE KEY-----|[REDACTED:env:env_var]|a@b.de|$NAME|%|{|}|\\|~/x|C:\\|é|😀|API_KEY is `.split('|')
  const fragment = fc.constantFrom(...fragments, RANDOM, key('sk-', RANDOM), key('ghp_', RANDOM))
  const text = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(''))
  /** With secrets no single rule finds: in base64, in two pieces, in other spellings. */
  const encoded = btoa(`token=${key('ghp_', RANDOM)}`)
  const spelled = [
    `%67hp_${RANDOM}`,
    `ghp_\u200b${RANDOM}`,
    `\\u003dghp_${RANDOM}`,
    '\\/',
    '&quot;',
    '\u001b[0m',
    '@tcp(',
  ]
  const pieces = [key('"ghp_', 'q7ZkT2mV'), '" + "', `${RANDOM}"`, encoded, encoded.slice(0, 20), encoded.slice(20)]
  const hidden = fc
    .array(
      fc.constantFrom(
        ...pieces,
        ...spelled,
        RANDOM,
        ' ',
        '\n',
        '=',
        '"',
        '{',
        'password=',
        '[REDACTED:env:env_var]',
        'é',
      ),
      {
        maxLength: 12,
      },
    )
    .map((parts) => parts.join(''))

  it('gives findings in order, inside the text and without overlap', () => {
    fc.assert(
      fc.property(fc.oneof(text, hidden), (value) => {
        let position = 0
        for (const { start, end } of redactor.detect(value)) {
          expect(start).toBeGreaterThanOrEqual(position)
          expect(end).toBeGreaterThan(start)
          position = end
        }
        expect(position).toBeLessThanOrEqual(value.length)
      }),
      { seed: SEED, numRuns: 2000 },
    )
  })

  it('finds what its rules find when each is asked at every place its triggers stand', () => {
    const long = fc
      .tuple(fc.array(text, { minLength: 10, maxLength: 30 }), fc.constantFrom('', '; ', '\n', '漢'))
      .map(([parts, glue]) => parts.join(glue))
    fc.assert(
      fc.property(fc.oneof(text, long), (value) => {
        fc.pre(plainSpelling(value) === undefined && joinedLiterals(value).length === 0)
        expect(redactor.detect(value)).toEqual(detectWithoutSearch(value))
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  it.each([
    ['', text],
    [' of what was encoded, in pieces or spelled otherwise', hidden],
  ])('CP-033: finds no secret in what it redacted%s', (_, values) => {
    fc.assert(
      fc.property(values, (value) => {
        const { text: redacted, findings } = redactor.redact(value)
        expect(withoutOverlaps(findings)).toEqual(findings)
        const again = redactor.detect(redacted)
        expect(again.filter(({ category }) => SECRET_CATEGORIES.has(category))).toEqual([])
      }),
      { seed: SEED, numRuns: 2000 },
    )
  })

  it('finds a secret between the trigger of another and what that trigger led to', () => {
    const name = key('sk-', RANDOM)
    expect(found(`curl -u ${name}:hunter22 a.example.net`)).toEqual([
      `secret_api_key=${name}`,
      'secret_password=hunter22',
    ])
  })

  it('redacts what only shows beside a mark, in offsets of the text that was given', () => {
    const pem = `-----BEGIN PRIVATE KEY-----${RANDOM} \n-----END PRIVATE KEY-----`
    const token = Buffer.from(`token=${key('ghp_', RANDOM)}`).toString('hex')
    expect(found(pem + token)).toEqual([`secret_private_key=${pem}`])
    expect(redactor.redact(`a ${pem}${token} b`)).toEqual({
      text: 'a [REDACTED:private_key:secret_private_key][REDACTED:token:secret_token] b',
      findings: [
        { category: 'private_key', detector_id: 'secret_private_key', start: 2, end: 2 + pem.length },
        {
          category: 'token',
          detector_id: 'secret_token',
          start: 2 + pem.length,
          end: 2 + pem.length + token.length,
        },
      ],
    })
  })

  it.each([
    ['password=', 20],
    ['-----BEGIN PRIVATE KEY-----', 20],
    ['eyJ-', 20],
    ['\\u', 20],
    ['%25', 20],
    ['&amp;', 20],
    ['\u200b\\', 20],
    ['LS0tLS1CRUdJTi', 20],
    ['QUJD', 20],
    ['"ghp_a" + ', 20],
    ['"ghp_a1" + "', 20],
    ['a!"b" "', 20],
    ['a\\\n', 20],
    ['  ghp_a1b2c3d4\n', 20],
    ['"auth":"QUJDOkFCQ0RFRg', 20],
    ['?key=a1b2c3d4e5f6g7h8 ', 20],
    ['secret>{a b ', 20],
    ['token - "', 20],
    ['curl -u ', 20],
    ...['token=', 'auth_key=', 'sk-', 'a@a.', '/home/', '\\\\aa\\', '~/a ', 'AKIA', '://a:'].map(
      (unit) => [unit, 18] as const,
    ),
    ...['$A', '${A:-', '+1 2', '555-', 'login a password ', 'Bearer a1', '=', 'file:/', 'C:\\a '].map(
      (unit) => [unit, 18] as const,
    ),
  ] as const)('stays linear on %s repeated over 2^%i characters', (unit, power) => {
    const hostile = unit.repeat(Math.ceil((1 << power) / unit.length))
    const started = process.threadCpuUsage()
    redactor.detect(hostile)
    // Rules with a quantifier too many took twenty seconds a MiB and more.
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(power === 20 ? 8000 : 2500)
  })
})

it('redacts in linear time where each of many redactions uncovers a secret', () => {
  const token = Buffer.from(`token=${key('ghp_', RANDOM)}`).toString('hex')
  const unit = `-----BEGIN PRIVATE KEY-----${RANDOM} \n-----END PRIVATE KEY-----${token} `
  const started = process.threadCpuUsage()
  const { findings } = redactor.redact(unit.repeat(32_000))
  expect(findings).toHaveLength(64_000)
  // Looking through all marks for each finding took twenty times as long.
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(4000)
})

describe('version', () => {
  it('changes with the rules', () => {
    // When this fails, raise VERSION in redactor.ts and put both new values here, for packs built with other rules differ; a change
    // that can alter no finding keeps the version.
    const folder = new URL('redactor/', import.meta.url)
    const files = [
      ...readdirSync(folder).toSorted(),
      '../scanner/decoding/base64-runs.ts',
      '../scanner/decoding/readable.ts',
    ]
    const rules = files.map((name) => readFileSync(new URL(name, folder), 'utf8'))
    const digest = createHash('sha256').update(rules.join('\0')).digest('hex').slice(0, 16)
    expect([redactor.version, digest]).toEqual(['redactor@8', 'a004d132462f0b42'])
  })
})

/** The rules alone: no automaton, every trigger looked for at every place. */
function detectWithoutSearch(text: string): RedactionFinding[] {
  const secrets = [
    ...tokenRules,
    ...innerTokenRules,
    ...namedValueRules,
    ...credentialRules,
    ...privateKeyRules,
    ...webhookRules,
  ]
  const others = [...pathRules, ...personalDataRules, ...environmentRules]
  const asked = [...secrets, ...others]
    .flatMap((rule) => rule.triggers.map((trigger) => ({ rule, trigger, secret: secrets.includes(rule) })))
    .toSorted((a, b) => b.trigger.length - a.trigger.length)
  const folded = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const findings: RedactionFinding[] = []
  let gone = { start: 0, end: 0 }
  let other = gone
  const inside = (span: typeof gone, end: number) => end > span.start && end <= span.end
  for (let end = 1; end <= text.length; end += 1) {
    for (const { rule, trigger, secret } of asked) {
      if (end < trigger.length || !folded.startsWith(trigger, end - trigger.length)) continue
      if (inside(gone, end) || (!secret && inside(other, end))) continue
      const finding = rule.find(text, end - trigger.length, end)
      if (!finding || finding.end <= finding.start) continue
      findings.push(finding)
      if (secret) gone = finding.end > gone.end ? finding : gone
      else if (finding.category !== 'env') other = finding.end > other.end ? finding : other
    }
  }
  return withoutOverlaps(findings)
}
