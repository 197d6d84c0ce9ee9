import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { measure } from './ssrf.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'measure-ssrf-'))
  await writeFile(join(folder, 'policies.json'), JSON.stringify({ policies: POLICIES }))
})
afterAll(() => rm(folder, { recursive: true }))

const POLICIES = { default: {}, allow_loopback: {}, allow_hosts: { origins: ['https://llm.example:8443'] } }
const everywhere = (expect: string) => ({ default: expect, allow_loopback: expect, allow_hosts: expect })

const ROWS = [
  {
    id: 'public',
    url: 'https://api.example/v1',
    dns: { 'api.example': [['8.8.8.8']] },
    expect: { default: 'allow', allow_loopback: 'allow', allow_hosts: 'deny' },
  },
  {
    id: 'loopback',
    url: 'http://127.0.0.1:8080',
    expect: { default: 'deny', allow_loopback: 'allow', allow_hosts: 'deny' },
  },
  {
    id: 'listed',
    url: 'https://llm.example:8443/v1',
    dns: { 'llm.example': [['10.1.2.3']] },
    expect: { default: 'deny', allow_loopback: 'deny', allow_hosts: 'allow' },
  },
  {
    id: 'rebinding',
    url: 'https://r.example',
    dns: { 'r.example': [['8.8.8.8'], ['127.0.0.1']] },
    must_connect_to: ['8.8.8.8'],
    expect: { default: 'allow', allow_loopback: 'allow', allow_hosts: 'deny' },
  },
  {
    id: 'redirected',
    url: 'https://api.example',
    dns: { 'api.example': [['8.8.8.8']] },
    redirects: [{ status: 302, location: 'https://8.8.8.8/' }],
    expect: everywhere('deny'),
  },
  { id: 'nonsense', url: 'https://', expect: everywhere('deny') },
]

async function play(rows: readonly object[]) {
  const urls = join(folder, 'urls.jsonl')
  await writeFile(urls, rows.map((row) => JSON.stringify({ category: 'own', ...row })).join('\n'))
  return measure(['--urls', urls, '--policies', join(folder, 'policies.json')])
}

test('counts every row under every policy', async () => {
  expect(await play(ROWS)).toEqual({
    total: 18,
    unsafe: 0,
    overBlocked: 0,
    failed: [],
    contested: { total: 0, unsafe: 0, overBlocked: 0 },
    trapConnections: 0,
  })
})

test('notices what is reached although it should not be, on a real socket, and what is refused although it should not be', async () => {
  const [open, , listed] = ROWS
  const result = await play([
    { ...open, id: 'reached', expect: everywhere('deny') },
    { ...listed, id: 'refused', expect: everywhere('allow') },
    { ...open, id: 'elsewhere', must_connect_to: ['9.9.9.9'] },
    { ...listed, id: 'disputed', expect: everywhere('allow'), contested: true },
  ])
  expect(result).toMatchObject({ total: 9, unsafe: 4, overBlocked: 2, failed: ['reached', 'refused', 'elsewhere'] })
  expect(result.contested).toEqual({ total: 3, unsafe: 0, overBlocked: 2 })
  expect(result.trapConnections).toBe(2)
})
