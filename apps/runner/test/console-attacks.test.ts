import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { describe, expect, test } from 'vitest'

import { readAssets } from '../src/console/assets.ts'
import { consoleApp } from '../src/console/console-app.ts'
import { createEntry } from '../src/console/entry.ts'
import { serveConsole } from '../src/console/serve-console.ts'
import { openConsole, send, type ConsoleClient } from './support/console-client.ts'
import { Json } from './support/ctxlock.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

const codeOf = ({ text: body }: { readonly text: string }) => new Json(JSON.parse(body)).at('error', 'code').text

describe('a console is not entered', () => {
  test('without the token, with a guess, or a second time', async () => {
    const client = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    const entry = new URL(client.entryUrl).pathname
    for (const path of [`/enter/${'A'.repeat(43)}`, '/enter', '/enter/', '/enter/x', entry, `${entry}?again`]) {
      const answer = await send(client.origin, { path })
      const status = path === '/enter/' ? 400 : 401
      expect([answer.status, answer.headers['set-cookie']], path).toEqual([status, undefined])
    }
    for (const path of ['/', '/api/approvals', '/nothing']) {
      const answer = await send(client.origin, { path })
      expect([answer.status, codeOf(answer)], path).toEqual([401, 'NOT_ENTERED'])
      expect(answer.text).toContain('open the address that `ctxlock console` printed')
    }
    expect((await client.ask('/')).status).toBe(200)
  })

  test('with a token that is too old', () => {
    let now = 0
    const entry = createEntry({ secret: () => 'secret', now: () => now, validForMs: 1000 })
    now = 1000
    expect(entry.enter('secret')).toBeUndefined()
    expect(entry.hasCookie('secret')).toBe(false)
  })
})

describe('an entered console refuses', () => {
  const changed: readonly (readonly [string, number, string, Readonly<Record<string, string | undefined>>])[] = [
    ['another name for this address (DNS rebinding)', 421, 'HOST_FOREIGN', { host: 'console.example.com' }],
    ['the same name at another port', 421, 'HOST_FOREIGN', { host: '127.0.0.1:1' }],
    ['localhost, which is another origin', 421, 'HOST_FOREIGN', { host: 'localhost' }],
    ['a page of another origin', 403, 'ORIGIN_FOREIGN', { origin: 'https://example.com' }],
    ['a page of another port', 403, 'ORIGIN_FOREIGN', { origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', 403, 'ORIGIN_FOREIGN', { origin: 'null' }],
    ['a question that names no origin', 403, 'ORIGIN_FOREIGN', { origin: undefined }],
    ['what the browser calls cross-site', 403, 'ORIGIN_FOREIGN', { 'sec-fetch-site': 'cross-site' }],
    ['what the browser calls same-site', 403, 'ORIGIN_FOREIGN', { 'sec-fetch-site': 'same-site' }],
    ['no cookie', 401, 'NOT_ENTERED', { cookie: undefined }],
    ['the cookie of another port', 401, 'NOT_ENTERED', { cookie: 'ctxlock_1=AAAA' }],
    ['a guessed cookie', 401, 'NOT_ENTERED', { cookie: 'ctxlock_%PORT%=AAAA' }],
    ['two cookies of the name', 401, 'NOT_ENTERED', { cookie: '%COOKIE%; %COOKIE%' }],
    [
      'the cookie alone, as a forged form or a server on another port has it',
      401,
      'NOT_ENTERED',
      { 'x-ctxlock-key': undefined },
    ],
    ['a guessed key', 401, 'NOT_ENTERED', { 'x-ctxlock-key': 'A'.repeat(43) }],
    ['the cookie in place of the key', 401, 'NOT_ENTERED', { 'x-ctxlock-key': '%VALUE%' }],
    ['a form', 409, 'REQUEST_INVALID', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text that only looks like JSON', 409, 'REQUEST_INVALID', { 'content-type': 'text/plain' }],
  ]
  test.each(changed)('%s', async (_, status, code, headers) => {
    const client = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    const filled = Object.entries(headers).map(([name, value]) => [name, value && filledIn(client, value)])
    const answer = await client.ask('/api/approvals/x/deny', {}, Object.fromEntries(filled))
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
    expect(answer.text.trimEnd().split('\n')).toHaveLength(1)
  })

  function filledIn({ origin, cookie }: ConsoleClient, value: string): string {
    const [, port = ''] = /:(\d+)$/.exec(origin) ?? []
    return value
      .replaceAll('%PORT%', port)
      .replaceAll('%COOKIE%', cookie)
      .replaceAll('%VALUE%', cookie.split('=')[1] ?? '')
  }

  test('other methods, whatever they are for', async () => {
    const { origin, cookie } = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'HEAD']) {
      const answer = await send(origin, { path: '/', method, headers: { cookie, origin } })
      expect(answer.status, method).toBe(405)
    }
  })

  test('a body without end, said or not', async () => {
    const client = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    const large = { words: 'x'.repeat(20_000) }
    expect((await client.ask('/api/runs/list', large)).status).toBe(413)
    expect((await client.ask('/api/runs/list', large, { 'transfer-encoding': 'chunked' })).status).toBe(413)
  })

  test('fields nobody asked for', async () => {
    const client = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    for (const question of [{ root: '/' }, { before: '../x' }, { state: 'gone' }, { words: 'x'.repeat(201) }])
      expect(codeOf(await client.ask('/api/runs/list', question))).toBe('REQUEST_INVALID')
  })
})

describe('no question is answered without both halves of a session, however its path is written', () => {
  const forms = (path: string, origin: string): string[] => [
    path,
    `${path}?key=x`,
    `/enter/..${path}`,
    `/enter/%2e%2e${path}`,
    `/enter/%2E.${path}`,
    `/enter/..%2f${path.slice(1)}`,
    String.raw`/enter/..\${path.slice(1)}`,
    String.raw`/enter\..${path}`,
    `/enter/x/../..${path}`,
    `/enter/${'A'.repeat(43)}/../..${path}`,
    `/enter/${'A'.repeat(43)}?/../..${path}`,
    `/x/..${path}`,
    `/icon.svg/..${path}`,
    `/.${path}`,
    `/%2e${path}`,
    `/%2f..${path}`,
    `/${path}`,
    String.raw`/\${path.slice(1)}`,
    path.replace('api', '%61pi'),
    path.replace('api', '%2561pi'),
    path.replace('/api/', '/api//'),
    path.replace('/api/', '/api/./'),
    path.replace('/api/', '/api%2f'),
    path.replace('/api/', '/API/'),
    `${path}/`,
    `${path}#`,
    `/?/..${path}`,
    `/#/..${path}`,
    `${origin}${path}`,
    `http://evil.example${path}`,
  ]
  const holders: readonly (readonly [string, (client: ConsoleClient) => Readonly<Record<string, string>>])[] = [
    ['nothing', () => ({})],
    ['the cookie', ({ origin, cookie }) => ({ origin, cookie })],
    ['the key', ({ origin, key }) => ({ origin, 'x-ctxlock-key': key })],
    ['the cookie, from a page of another origin', ({ cookie }) => ({ origin: 'https://example.com', cookie })],
    [
      'the cookie, and headers that some servers rewrite a request by',
      ({ origin, cookie }) => ({
        origin,
        cookie,
        'x-http-method-override': 'GET',
        'x-original-url': '/icon.svg',
        'x-forwarded-host': '127.0.0.1',
      }),
    ],
  ]

  test.each(holders)('to who has %s', async (_, headersOf) => {
    const client = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    for (const { method, path } of questions(client.origin))
      for (const form of forms(path, client.origin)) {
        const answer = await send(client.origin, { path: form, method, headers: headersOf(client) })
        expect(REFUSED, `${method} ${form}`).toContainEqual([answer.status, codeOf(answer)])
      }
  })

  test('nor to who asks by another method, or for another protocol', async () => {
    const { origin, cookie } = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    for (const { path } of questions(origin)) {
      for (const method of ['HEAD', 'OPTIONS', 'PUT'])
        for (const form of forms(path, origin)) {
          const { status } = await send(origin, { path: form, method, headers: { origin, cookie } })
          expect([400, 405], `${method} ${form}`).toContain(status)
        }
      for (const upgrade of ['websocket', 'h2c']) {
        const headers = { origin, cookie, connection: 'Upgrade', upgrade }
        expect((await send(origin, { path, headers })).status, path).toBe(401)
      }
    }
  })

  test('and who has both asks by plain paths only', async () => {
    const client = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    const [plain, queried, ...others] = forms('/api/workspace', client.origin)
    for (const path of [plain, queried]) expect((await client.ask(path ?? '')).status).toBe(200)
    for (const path of others) expect([400, 404], path).toContain((await client.ask(path)).status)
  })

  const REFUSED = [
    [400, 'TARGET_INVALID'],
    [401, 'NOT_ENTERED'],
    [403, 'ORIGIN_FOREIGN'],
  ]

  /** Every question there is, a new one too. */
  function questions(origin: string): { readonly method: string; readonly path: string }[] {
    const entry = createEntry({ secret: () => 'secret', now: () => 0, validForMs: 0 })
    const { routes } = consoleApp({ root: '', assets: new Map(), entry, origin })
    const found = routes.flatMap(({ method, path }) =>
      path.startsWith('/api/') ? [{ method, path: path.replace(':id', 'last') }] : [],
    )
    expect(found.length).toBeGreaterThan(10)
    return found
  }
})

describe('the pages', () => {
  test('are the built ones and no other file, however a path is written', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'secret.js'), 'secret')
    const pages = join(folder, 'pages')
    mkdirSync(join(pages, 'assets'), { recursive: true })
    writeFileSync(join(pages, 'index.html'), '<title>console</title>')
    writeFileSync(join(pages, 'assets', 'a.js'), 'export {}')
    writeFileSync(join(pages, 'assets', 'a.map'), 'no type, no page')
    symlinkSync(join(folder, 'secret.js'), join(pages, 'link.js'))
    const client = await openConsole(makeWorkspace({}), readAssets(pages))
    expect((await client.ask('/')).text).toBe('<title>console</title>')
    expect((await client.ask('/assets/a.js')).headers['content-type']).toBe('text/javascript; charset=utf-8')
    for (const path of ['/link.js', '/assets/a.map', '/assets', '/index.html', '/__proto__']) {
      const answer = await client.ask(path)
      expect([answer.status, answer.text.includes('secret')], path).toEqual([404, false])
    }
    for (const path of [
      '/../secret.js',
      '/%2e%2e/secret.js',
      '/%2E%2E%2Fsecret.js',
      '/assets/..%2f..%2fsecret.js',
      '/assets/%252e%252e/secret.js',
      '/assets//a.js',
      '/assets/a.js%00',
      '/api/runs/..%2f..%2fsecret',
      '/api/calls/%E0%A4%A',
      '/api/runs/%',
      '//evil.example/',
      'http://evil.example/',
      '*',
      String.raw`/..\secret.js`,
    ]) {
      const answer = await client.ask(path)
      expect([answer.status, codeOf(answer)], path).toEqual([400, 'TARGET_INVALID'])
    }
  })

  test('come with a policy that runs nothing of a record, and are kept by no cache', async () => {
    const client = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    for (const { headers } of [
      await client.ask('/'),
      await client.ask('/api/approvals'),
      await send(client.origin, { path: '/' }),
    ]) {
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; .*connect-src 'self'/)
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/)
      expect([headers['x-frame-options'], headers['referrer-policy'], headers['x-content-type-options']]).toEqual([
        'DENY',
        'no-referrer',
        'nosniff',
      ])
    }
    const { headers } = await send(client.origin, { path: '/enter/x' })
    expect(headers['cache-control']).toBe('no-store')
  })
})

test('the cookie is for this site and no script', async () => {
  const client = await openConsole(makeWorkspace({}))
  expect(client.cookie).toMatch(/^ctxlock_\d+=[\w-]{43}$/)
  expect(client.key).toMatch(/^[\w-]{43}$/)
  expect(client.entryUrl).not.toContain(client.key)
})

test('it listens on loopback only', async () => {
  const { origin } = await openConsole(makeWorkspace({}))
  expect(new URL(origin).hostname).toBe('127.0.0.1')
})

test('a request that never ends is ended, in its head or in its body', async () => {
  const { origin, cookie, key } = await openConsole(makeWorkspace({}))
  const { host, port } = new URL(origin)
  const head = `POST /api/runs/list HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\nX-Ctxlock-Key: ${key}\r\n`
  const unfinished = [`${head}X-Slow: `, `${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`]
  const began = performance.now()
  const said = await Promise.all(
    unfinished.map((sent) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(sent)
      return text(socket)
    }),
  )
  expect(said).toEqual([expect.stringContaining('408'), expect.stringContaining('408')])
  expect(performance.now() - began).toBeLessThan(20_000)
})

test('a port that is taken is said to be', async () => {
  const { origin } = await openConsole(makeWorkspace({}))
  const again = serveConsole({ root: makeWorkspace({}), assets: new Map(), port: Number(new URL(origin).port) })
  await expect(again).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE', exit: 2 })
})
