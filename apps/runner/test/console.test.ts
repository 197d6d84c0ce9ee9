import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { cloudWorkspace } from './support/cloud-workspace.ts'
import { openConsole, send, type ConsoleClient } from './support/console-client.ts'
import { ctxlock, Json, MAIN } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { multiplyRuns } from './support/many-runs.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const QUESTION = 'How is a checksum computed?'

beforeEach(() => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  return () => vi.unstubAllEnvs()
})

const errorOf = ({ text }: { readonly text: string }) => new Json(JSON.parse(text)).at('error')

async function asked(): Promise<ConsoleClient & { readonly root: string }> {
  const root = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
  return { ...(await openConsole(root)), root }
}

describe('runs', () => {
  test('come page by page, each once, the newest first', async () => {
    const { root, json } = await asked()
    multiplyRuns(root, 120)
    const titles: string[] = []
    let question: object = {}
    for (let page = 1; ; page += 1) {
      const answer = await json('/api/runs/list', question)
      titles.push(...answer.at('runs').items.map((run) => run.at('title').text))
      if (answer.at('next').raw === null) break
      question = { before: answer.at('next').text }
      expect(page).toBeLessThan(4)
    }
    expect(titles).toEqual([...Array.from({ length: 119 }, (_, index) => `question ${119 - index}`), QUESTION])
  })

  test('are narrowed by state, by words and by the beginning of an id', async () => {
    const { root, json } = await asked()
    multiplyRuns(root, 60)
    const found = async (question: object) =>
      (await json('/api/runs/list', question)).at('runs').items.map((run) => run.at('title').text)
    expect(await found({ words: 'CHECKSUM' })).toEqual([QUESTION])
    expect(await found({ words: 'question 5', state: 'completed' })).toHaveLength(11)
    expect(await found({ state: 'failed' })).toEqual([])
    const [newest] = (await json('/api/runs/list', {})).at('runs').items
    expect(await found({ words: newest?.at('run_id').text.slice(0, 8) })).toEqual(['question 59'])
  })

  test('are searched without keeping others waiting', async () => {
    const { root, json, ask } = await asked()
    multiplyRuns(root, 2000)
    const answered: string[] = []
    const search = json('/api/runs/list', { words: 'nobody asked this' }).finally(() => answered.push('search'))
    const other = ask('/api/workspace').finally(() => answered.push('other'))
    await Promise.all([search, other])
    expect(answered).toEqual(['other', 'search'])
    expect(Number((await search).at('looked_at').raw)).toBeGreaterThan(0)
  })

  test('that do not exist are said not to, and so is a workspace without any', async () => {
    const { ask } = await asked()
    for (const path of ['/api/runs/00000000', '/api/live?run=00000000'])
      expect(errorOf(await ask(path)).at('code').text, path).toBe('RUN_UNKNOWN')
    expect(errorOf(await ask('/api/calls/00000000')).at('code').text).toBe('CALL_UNKNOWN')
    const empty = await openConsole(makeWorkspace(SMALL_WORKSPACE))
    for (const path of ['/api/runs/last', '/api/calls/last', '/api/approvals', '/api/live'])
      expect(errorOf(await empty.ask(path)).at('code').text, path).toBe('NOTHING_RECORDED')
  })
})

test('a call shows the bytes that show prints, and names the source that changed', async () => {
  const { root, ask, json } = await asked()
  const { stdout } = await ctxlock(['show', 'last'], { cwd: root })
  expect((await json('/api/calls/last/bytes')).at('text').text).toBe(stdout)
  const call = await json('/api/calls/last')
  expect(call.at('sources').items.map((source) => source.at('now').text)).toEqual(['unchanged', 'unchanged'])
  expect(call.at('packs', 0, 'requested').text).toBe(call.at('packs', 0, 'effective').text)
  expect(call.at('guards').items.map((hook) => hook.at('guards').items.length)).toEqual([12, 12, 12])
  expect(call.at('missing').items).toEqual([])
  for (const text of ['raw bytes', 'computeChecksum']) expect(JSON.stringify(call.raw)).not.toContain(text)

  writeFileSync(join(root, 'README.md'), '# Other\n')
  const refused = await ask('/api/calls/last/bytes')
  expect([refused.status, errorOf(refused).at('code').text]).toEqual([409, 'SOURCE_CHANGED'])
  expect(errorOf(refused).at('details', 'path').text).toBe('README.md')
})

const MISMATCH = [409, 'CONSENT_HASH_MISMATCH']

describe('a decision', () => {
  async function waiting() {
    const cloud = await cloudWorkspace()
    const { error } = await ctxlockHere(['ask', QUESTION], cloud.options.cwd)
    const details = new Json(error?.details)
    const client = await openConsole(cloud.options.cwd)
    return { ...client, cloud, request: details.at('request_id').text, hash: details.at('payload_sha256').text }
  }

  test('takes the hash of exactly these bytes and no other, and stands', async () => {
    const { ask, json, request, hash, cloud } = await waiting()
    const path = `/api/approvals/${request}`
    const approval = await json(path)
    expect([approval.at('state').text, approval.at('shown', 'sha256').text]).toEqual(['waiting', hash])
    for (const named of ['', hash.slice(0, 7), '0'.repeat(64), 'a'.repeat(8)]) {
      const refused = await ask(`${path}/approve`, { hash: named })
      expect([refused.status, errorOf(refused).at('code').text]).toEqual(MISMATCH)
    }
    expect((await ask(`${path}/approve`, {})).status).toBe(409)
    expect((await json(path)).at('state').text).toBe('waiting')
    const approved = await json(`${path}/approve`, { hash: hash.slice(0, 8) })
    expect([approved.at('state').text, approved.at('answer', 'by').text]).toEqual([
      'approved',
      expect.stringMatching(/^person:/),
    ])
    expect(errorOf(await ask(`${path}/deny`, {})).at('code').text).toBe('REQUEST_ANSWERED')
    expect(cloud.server.bodies).toEqual([])
    expect((await ctxlockHere(['resume', 'last'], cloud.options.cwd)).code).toBe(0)
    expect(cloud.server.bodies.map(String)).toEqual([approval.at('shown', 'text').text])
  })

  test('against the bytes keeps the reason, on one line and without a secret', async () => {
    const { json, request, cloud } = await waiting()
    const token = `ghp_${'a1B2'.repeat(9)}`
    const denied = await json(`/api/approvals/${request}/deny`, { reason: `not\nthis, ${token}` })
    expect(denied.at('answer', 'notes').text).toMatch(/^not this, \[REDACTED:/)
    const resumed = await ctxlockHere(['resume', 'last'], cloud.options.cwd)
    expect([resumed.code, cloud.server.bodies]).toEqual([8, []])
  })

  test('covers more than one call only with both limits, and the sessions that are named', async () => {
    const { ask, json, request, hash, cloud } = await waiting()
    const second = await ctxlockHere(['ask', QUESTION], cloud.options.cwd)
    const other = new Json(second.error?.details).at('request_id').text
    const path = `/api/approvals/${request}`
    const approval = await json(path)
    expect(approval.at('others').items.map((found) => found.at('request_id').text)).toEqual([other])
    const limits = { max_calls: 2, max_bytes: 60_000 }
    const wrong: [object, unknown[]][] = [
      [{ scope: 'session' }, [404, 'USAGE']],
      [{ scope: 'session', max_calls: 2 }, [404, 'USAGE']],
      [{ scope: 'broadcast', ...limits }, [404, 'USAGE']],
      [{ scope: 'session', ...limits, with: [other] }, [404, 'USAGE']],
      [{ scope: 'session', ...limits, minutes: 1_000_000 }, [404, 'USAGE']],
      [{ scope: 'everything', ...limits }, [409, 'REQUEST_INVALID']],
      [{ scope: 'session', ...limits, max_calls: 0.5 }, [409, 'REQUEST_INVALID']],
      [{ scope: 'session', ...limits, hash: '00000000' }, MISMATCH],
    ]
    for (const [terms, answer] of wrong) {
      const refused = await ask(`${path}/approve`, { hash, ...terms })
      expect([terms, [refused.status, errorOf(refused).at('code').text]]).toEqual([terms, answer])
    }
    const approved = await json(`${path}/approve`, { hash, scope: 'broadcast', ...limits, with: [other] })
    expect(approved.at('answer').raw).toMatchObject({ scope: 'BROADCAST_SCOPED', most_calls: 2, most_bytes: 60_000 })
    expect(cloud.server.bodies).toEqual([])
    expect((await ctxlockHere(['resume', 'last'], cloud.options.cwd)).code).toBe(0)
    expect(cloud.server.bodies).toHaveLength(1)
  })

  test('is not possible on bytes whose source changed', async () => {
    const { ask, json, request, hash, cloud } = await waiting()
    writeFileSync(join(cloud.options.cwd, 'README.md'), '# Other\n')
    const approval = await json(`/api/approvals/${request}`)
    expect(approval.at('shown', 'error', 'code').text).toBe('SOURCE_CHANGED')
    expect((await ask(`/api/approvals/${request}/approve`, { hash })).status).toBe(409)
    expect((await json(`/api/approvals/${request}`)).at('state').text).toBe('waiting')
  })
})

test('the log is followed from where a reader was', async () => {
  const client = await asked()
  const run = (await client.json('/api/runs/last')).at('run_id').text
  const all = await streamedEvents(client, run, 0)
  expect(all.length).toBeGreaterThan(10)
  expect(all).toEqual(Array.from(all, (_, index) => index + 1))
  expect(await streamedEvents(client, run, 6)).toEqual(all.slice(6))
  expect(await streamedEvents(client, run.slice(0, 8), 6)).toEqual(all.slice(6))
})

test('a reader is told to ask again while nothing is recorded, and is let go when the record is another one', async () => {
  const { root, origin, cookie, key, ask } = await asked()
  const { body } = await fetch(`${origin}/api/live`, { headers: { cookie, 'x-ctxlock-key': key } })
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.split('event: changed').length < 3) text += (await reader?.read())?.value ?? ''

  rmSync(join(root, '.ctxlock'), { recursive: true })
  while (!(await reader?.read())?.done) continue
  expect(errorOf(await ask('/api/live')).at('code').text).toBe('NOTHING_RECORDED')
  rmSync(root, { recursive: true })
  expect(errorOf(await ask('/api/live')).at('code').text).toBe('WORKSPACE_MISSING')
})

/** The positions of the events a reader is sent at first. */
async function streamedEvents({ origin, cookie, key }: ConsoleClient, run: string, after: number): Promise<number[]> {
  const headers = { cookie, 'x-ctxlock-key': key, 'last-event-id': String(after) }
  const { body } = await fetch(`${origin}/api/live?run=${run}`, { headers })
  let text = ''
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (text.includes('event: changed')) break
  }
  const recorded = text.match(/(?<=^event: recorded\ndata: ).*$/gm) ?? []
  return recorded.flatMap((data) => new Json(JSON.parse(data)).items.map((event) => Number(event.at('seq').raw)))
}

test('the command prints its address, says it in JSON, and ends with Ctrl-C', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  const child = spawn(process.execPath, [MAIN, 'console', '--json', '--workspace', root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  const { origin, pathname } = new URL(new Json(JSON.parse(String(line))).at('url').text)
  expect((await send(origin, { path: pathname })).status).toBe(200)
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
})
