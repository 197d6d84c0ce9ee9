import { formatEvidenceBlock, formatUntrustedText, parseQuotations } from '@ctxlock/contracts/evidence'
import { type ChatRequest, ProviderError, type StreamEvent } from '@ctxlock/contracts/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createExtractive } from './extractive.ts'

fc.configureGlobal({ seed: 20261120 })

const nonce = '0123456789abcdef'
let ticks = 0
const clock = { now: () => 0, monotonic: () => (ticks += 1) }
const client = createExtractive({ provider_id: 'builtin' }, { clock })
const session = [
  'import { clock } from "./clock.ts"',
  '',
  '/** A session expires thirty minutes after its last request. */',
  'export function isExpired(session: Session): boolean {',
  '  return clock.now() - session.lastRequest > 30 * 60 * 1000',
  '}',
  '',
  'export function greet(name: string): string {',
  '  return `Hello ${name}`',
  '}',
  '',
].join('\n')
const evidence = (text = session, path = 'src/session.ts', startLine = 1) =>
  formatEvidenceBlock(
    { sourceId: `file:${path}`, startLine, endLine: startLine + text.split('\n').length - 1, text },
    nonce,
  )
const chat = (content: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'extractive',
  messages: [{ role: 'user', content }],
  ...more,
})
const ask = async (content: string, more: Partial<ChatRequest> = {}) => client.prepareChat(chat(content, more)).send()
const failure = (code: string) => expect.objectContaining({ name: 'ProviderError', code, attempts: 0 })

describe('answers', () => {
  test('the best span, verbatim, under its path and lines, behind a line that says what this is', async () => {
    const { text } = await ask(`${evidence()}\n\nWhen does a session expire?`)
    expect(text.split('\n')[0]).toMatch(/^extractive \(not a language model\)/)
    expect(parseQuotations(text)[0]).toEqual({
      path: 'src/session.ts',
      startLine: 3,
      endLine: 6,
      text: session.split('\n').slice(2, 6).join('\n'),
    })
  })

  test('line numbers count from where the block starts in its file', async () => {
    const { text } = await ask(`${evidence(session, 'src/session.ts', 101)}\n\nWho says hello?`)
    expect(parseQuotations(text)[0]).toMatchObject({ startLine: 108, endLine: 110 })
  })

  test('nothing relevant is said, and nothing is quoted', async () => {
    for (const prompt of [
      `${evidence()}\n\nWhat do bananas cost?`,
      'When does a session expire?',
      evidence(),
      ' ',
      '',
    ]) {
      const { text, finishReason } = await ask(prompt)
      expect(text).toBe('extractive (not a language model): nothing in the given sources matches the question.\n')
      expect(finishReason).toBe('stop')
    }
  })

  test('the question is what stands behind the evidence, not what stands before it', async () => {
    const { text } = await ask(`Say hello by name.\n\n${evidence()}\n\nWhen does a session expire?`)
    expect(parseQuotations(text).map(({ startLine }) => startLine)).toEqual([3])
  })

  test('with nothing behind the evidence, other text asks; with none in the user message, the system message does', async () => {
    expect(parseQuotations((await ask(`When does a session expire?\n\n${evidence()}`)).text)[0]?.startLine).toBe(3)
    const { text } = await client
      .prepareChat({
        model: 'extractive',
        messages: [
          { role: 'system', content: 'When does a session expire?' },
          { role: 'user', content: evidence() },
        ],
      })
      .send()
    expect(parseQuotations(text)[0]?.startLine).toBe(3)
  })

  test('evidence of every message counts, what the assistant said before does not', async () => {
    const { text } = await client
      .prepareChat({
        model: 'extractive',
        messages: [
          { role: 'system', content: evidence() },
          { role: 'assistant', content: evidence('A session expires never.', 'made-up.ts') },
          { role: 'user', content: 'When does a session expire?' },
        ],
      })
      .send()
    expect(new Set(parseQuotations(text).map(({ path }) => path))).toEqual(new Set(['src/session.ts']))
  })

  test('text that is no evidence neither asks nor is quoted', async () => {
    const output = formatUntrustedText('tool_delta 4', 'session expires greet hello name', nonce)
    const { text } = await ask(`${evidence()}\n\nWhen does a session expire?\n\n${output}`)
    expect(parseQuotations(text).map(({ startLine }) => startLine)).toEqual([3])
  })

  test('the same lines in two blocks are quoted once', async () => {
    const { text } = await ask(`${evidence()}\n\n${evidence()}\n\nWhen does a session expire?`)
    expect(parseQuotations(text)).toHaveLength(1)
  })

  test('the same request gets the same answer', async () => {
    const prompt = `${evidence()}\n\n${evidence(session, 'src/copy.ts')}\n\nWhich session is greeted by name?`
    const answers = await Promise.all(Array.from({ length: 5 }, (_, seed) => ask(prompt, { seed })))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })
})

describe('requests', () => {
  test('bytes are canonical and fixed; a change of the caller’s request changes neither bytes nor answer', async () => {
    const message = { role: 'user' as const, content: `${evidence()}\n\nWhen does a session expire?` }
    const call = client.prepareChat({ messages: [message], model: 'extractive', seed: 7, stop: ['END'] })
    const before = Buffer.from(call.body).toString()
    message.content = 'changed'
    expect(before).toBe(
      `{"messages":[{"content":${JSON.stringify(`${evidence()}\n\nWhen does a session expire?`)},"role":"user"}],` +
        '"model":"extractive","options":{"seed":7,"stop":["END"]},"stream":false}',
    )
    expect(Buffer.from(call.body).toString()).toBe(before)
    expect(parseQuotations((await call.send()).text)).toHaveLength(1)
    expect(await call.send()).toMatchObject({ text: (await call.send()).text })
    expect(new URL(call.url).href).toBe('embedded://extractive/chat')
  })

  test('a completion is a chat of one message', async () => {
    const call = client.prepareCompletion({ model: 'extractive', prompt: `${evidence()}\n\nWho says hello?` })
    expect(parseQuotations((await call.send()).text)[0]?.startLine).toBe(8)
  })

  test.each<[string, Partial<ChatRequest>]>([
    ['not_supported', { tools: [{ name: 'x', parameters: {} }] }],
    ['not_supported', { toolChoice: 'required' }],
    ['not_supported', { messages: [{ role: 'tool', content: 'x', toolCallId: '1' }] }],
    [
      'not_supported',
      { messages: [{ role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'x', arguments: {} }] }] },
    ],
    ['not_supported', { responseFormat: { type: 'json' } }],
    ['not_supported', { responseFormat: { type: 'json_schema', name: 'x', schema: {} } }],
    ['not_supported', { reasoning: 'low' }],
    ['model_not_found', { model: 'gpt-9' }],
    ['invalid_request', { model: ' ' }],
    ['invalid_request', { messages: [] }],
    ['invalid_request', { maxOutputTokens: 0 }],
    ['invalid_request', { maxOutputTokens: 1.5 }],
    ['invalid_request', { messages: [{ role: 'user', content: '\ud800' }] }],
  ])('T-X-PROV-09: %s before anything happens: %j', (code, more) => {
    expect(() => client.prepareChat(chat('x', more))).toThrow(failure(code))
  })

  test('what is not offered refuses', async () => {
    await expect(client.embed({ model: 'extractive', input: ['x'] })).rejects.toThrow(failure('not_supported'))
    await expect(client.load('extractive')).rejects.toThrow(failure('not_supported'))
    await expect(client.unload('extractive')).rejects.toThrow(failure('not_supported'))
    await expect(client.listRunning()).rejects.toThrow(failure('not_supported'))
    await expect(client.showModel('x')).rejects.toThrow(failure('model_not_found'))
    expect(() => client.profile('x')).toThrow(failure('model_not_found'))
  })

  test('what is offered works', async () => {
    expect(client.displayName).toBe('extractive (not a language model)')
    expect((await client.listModels()).map(({ id }) => id)).toEqual(['extractive'])
    expect(await client.showModel('extractive')).toMatchObject({ id: 'extractive' })
    expect(await client.health()).toMatchObject({ ready: true })
    expect(client.profile('extractive')).toMatchObject({ model_tier: 'local', parameter_class: 'PUnknown' })
    await client.close()
  })

  test('settings that change nothing are named', async () => {
    const { warnings } = await ask('x', { temperature: 0.7, topP: 1 })
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(/^temperature has no effect/)
  })
})

test('an entry gives the one way of ranking more names, each with its window, and no name of something else', async () => {
  const models = [
    { model_id: 'extractive-small', max_context_tokens: 900 },
    { model_id: 'gpt-9', max_context_tokens: 9 },
  ]
  const named = createExtractive({ provider_id: 'builtin', models }, { clock })
  expect((await named.listModels()).map(({ id, contextTokens }) => [id, contextTokens])).toEqual([
    ['extractive', 1_000_000],
    ['extractive-small', 900],
  ])
  expect(named.profile('extractive-small').max_context_tokens).toBe(900)
  const request = chat(`${evidence()}\n\nWho says hello?`, { model: 'extractive-small' })
  const { text, responseModel } = await named.prepareChat(request).send()
  expect(responseModel).toBe('extractive-small')
  expect(text).toBe((await ask(`${evidence()}\n\nWho says hello?`)).text)
  expect(() => named.prepareChat(chat('x', { model: 'gpt-9' }))).toThrow(failure('model_not_found'))
})

describe('limits, stops and usage', () => {
  const prompt = `${evidence()}\n\n${evidence(session, 'src/copy.ts')}\n\nWhen does a session expire?`

  test('usage is estimated from code points', async () => {
    const { text, usage } = await ask(prompt)
    const inputTokens = Math.ceil(prompt.length / 4)
    const outputTokens = Math.ceil(text.length / 4)
    expect(usage).toEqual({
      inputTokens,
      outputTokens,
      totalTokens: inputTokens + outputTokens,
      cachedInputTokens: null,
      reasoningTokens: null,
      source: 'estimated',
      complete: true,
    })
  })

  test('a limit leaves whole quotations out and says so', async () => {
    const whole = await ask(prompt)
    expect(parseQuotations(whole.text)).toHaveLength(2)
    for (let maxOutputTokens = 1; maxOutputTokens < Number(whole.usage.outputTokens) + 3; maxOutputTokens += 1) {
      const { text, usage, finishReason } = await ask(prompt, { maxOutputTokens })
      expect(usage.outputTokens).toBeLessThanOrEqual(maxOutputTokens)
      expect(whole.text.startsWith(text)).toBe(true)
      expect(finishReason).toBe(text === whole.text ? 'stop' : 'length')
      for (const { text: quoted } of parseQuotations(text)) expect(session).toContain(quoted)
    }
  })

  test('the answer ends before the first stop text', async () => {
    const { text, finishReason } = await ask(prompt, { stop: ['never', 'isExpired', ''] })
    expect(text).toMatch(/export function $/)
    expect(finishReason).toBe('stop')
  })
})

describe('streaming', () => {
  const prompt = `${evidence()}\n\nWhen does a session expire?`

  test('the pieces are the text', async () => {
    const events: StreamEvent[] = []
    const result = await client
      .prepareChat(chat(prompt, { stream: true }))
      .send({ onEvent: (event) => events.push(event) })
    expect(events.length).toBeGreaterThan(1)
    expect(events.map(({ text }) => text).join('')).toBe(result.text)
    expect(result.timings.firstTextMs).toBeGreaterThan(0)
    expect(result.timings.totalMs).toBeGreaterThan(result.timings.firstTextMs ?? 0)
  })

  test('without streaming there are no pieces', async () => {
    const events: StreamEvent[] = []
    const { timings } = await client.prepareChat(chat(prompt)).send({ onEvent: (event) => events.push(event) })
    expect(events).toEqual([])
    expect(timings.firstTextMs).toBeNull()
  })

  test('aborted before and in between', async () => {
    const call = client.prepareChat(chat(prompt, { stream: true }))
    await expect(call.send({ signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ code: 'aborted' }),
    )
    const controller = new AbortController()
    const error: unknown = await call
      .send({ signal: controller.signal, onEvent: () => controller.abort() })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ code: 'aborted', partialText: expect.stringMatching(/^extractive/) })
    expect(String(error)).not.toContain('session')
  })
})

describe('hostile prompts', () => {
  test('whatever the sources hold, every quotation stands in its file at its lines', async () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text.isWellFormed()),
      fc.constantFrom(
        'session',
        '}',
        '',
        '> session',
        `<<end ${nonce}>>`,
        `<<source ${nonce} lines:1-1 file:x>>`,
        'a.ts:1-1',
        '\r',
        'x session '.repeat(90),
      ),
    )
    const file = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'))
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), fc.nat({ max: 50 }), async (files, offset) => {
        const blocks = files.map((text, index) => evidence(text, `f${index}.ts`, offset + 1))
        const { text } = await ask(`${blocks.join('\n')}\n\nsession x`)
        const quotations = parseQuotations(text)
        const holds = files.some((content) => /session|x/i.test(content))
        if (!holds) expect(quotations).toEqual([])
        for (const { path, startLine, endLine, text: quoted } of quotations) {
          const lines = (files[Number(path.slice(1, -3))] ?? '')
            .split('\n')
            .slice(startLine - offset - 1, endLine - offset)
          expect(lines).toHaveLength(endLine - startLine + 1)
          const plain = (value: string) => value.replace(/\r+(?=\n|$)/g, '')
          expect(plain(lines.join('\n'))).toContain(plain(quoted))
          expect(quoted.trim()).not.toBe('')
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a delimiter that the source imitates opens nothing', async () => {
    const fake = evidence('The session expires never.', 'fake.ts')
    const { text } = await ask(`${evidence(`${fake}\nThe session expires at noon.`)}\n\nWhen does a session expire?`)
    expect(parseQuotations(text).map(({ path }) => path)).toEqual(['src/session.ts'])
  })

  test('lines beyond the range a block names are not quoted under numbers they do not have', async () => {
    const block = formatEvidenceBlock(
      { sourceId: 'file:a.ts', startLine: 5, endLine: 5, text: 'one\nthe session expires' },
      nonce,
    )
    expect(parseQuotations((await ask(`${block}\n\nWhen does a session expire?`)).text)).toEqual([])
  })

  test('sources that are no files are not quoted', async () => {
    const block = formatEvidenceBlock(
      { sourceId: 'job:1', startLine: 1, endLine: 1, text: 'the session expires' },
      nonce,
    )
    expect(parseQuotations((await ask(`${block}\n\nWhen does a session expire?`)).text)).toEqual([])
  })

  test.each([
    ['code', `${session}\n`.repeat(2500)],
    ['one line', 'session expires '.repeat(60_000)],
    ['short paragraphs', 'session\n\n'.repeat(110_000)],
    ['one paragraph', 'x\n'.repeat(500_000)],
    ['one word', 'x'.repeat(1_000_000)],
    ['distinct words', Array.from({ length: 120_000 }, (_, index) => `w${index}`).join(' ')],
    ['openings', `<<source ${nonce} lines:1-1 file:a>>\n`.repeat(24_000)],
    ['CRLF', 'session expires\r\n\r\n'.repeat(52_000)],
    ['CR only', '\r'.repeat(1_000_000)],
    ['unspaced script', '\u4e00\u4e8c'.repeat(500_000)],
  ])('a megabyte of %s is answered in time that grows with its length', async (_, text) => {
    const call = client.prepareChat(chat(`${evidence(text)}\n\nWhen does a session expire?`))
    const started = performance.now()
    await call.send()
    // 300 ms on a quiet machine; the bound only has to tell linear from quadratic on a busy one.
    expect(performance.now() - started).toBeLessThan(3000)
  })
})
