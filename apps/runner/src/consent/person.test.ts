import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'

import { bytesHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import type { Disclosure } from './disclosure.ts'
import { terminalPerson } from './person.ts'

const BODY = Buffer.from('{"messages":["a\u001b[2Jsource"]}')
const HASH = bytesHash(BODY)

const DISCLOSURE: Disclosure = {
  plan: {
    schema_version: 'hsk.projection_plan@0.4',
    projection_plan_id: 'plan-1',
    include_artifact_refs: [],
    redactions_applied: ['secrets'],
    max_bytes: BODY.length,
    payload_sha256: HASH,
    created_at: '2026-11-20T11:00:00.000Z',
    provider_id: 'far',
    endpoint_origin: 'https://api.example.com',
    model_ids: ['big'],
  },
  body: BODY,
  sources: [{ path: 'src/a\u001b]0;title.ts', bytes: 12, lines: [[1, 3]] }],
  ownBytes: 20,
}

async function typed(lines: string) {
  const input = new PassThrough()
  const output = new PassThrough()
  const shown = text(output)
  input.end(lines)
  const answer = await terminalPerson(input, output).answer(DISCLOSURE)
  output.end()
  return { answer, shown: await shown }
}

test('typing the beginning of the hash that is shown is yes', async () => {
  const { answer, shown } = await typed(`${HASH.slice(0, 8)}\n`)
  expect(answer).toBe('approved')
  for (const told of ['https://api.example.com', 'far', 'big', `${BODY.length} bytes`, HASH, 'secrets'])
    expect(shown).toContain(told)
})

test.each(['no\n', 'n\n', ' deny \n', 'show\nno\n', 'nope\nno\n'])('only a no is a no: %j', async (lines) => {
  expect((await typed(lines)).answer).toBe('denied')
})

test.each(['', 'show\n', '\n', 'y\n', 'show'])('the end of the input is no answer: %j', async (lines) => {
  expect((await typed(lines)).answer).toBe('interrupted')
})

test('Ctrl-C at a terminal is no answer', async () => {
  const input = new PassThrough()
  const output = Object.assign(new PassThrough(), { isTTY: true })
  output.resume()
  const answer = terminalPerson(input, output).answer(DISCLOSURE)
  input.write('\u0003')
  expect(await answer).toBe('interrupted')
})

test('a question that is aborted is no answer', async () => {
  const question = new AbortController()
  const answer = terminalPerson(new PassThrough(), new PassThrough().resume(), question.signal).answer(DISCLOSURE)
  question.abort()
  expect(await answer).toBe('interrupted')
})

test('a key that redraws the line leaves the question there', async () => {
  const input = new PassThrough()
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 500 })
  const shown = text(output)
  const answer = terminalPerson(input, output).answer(DISCLOSURE)
  input.write('x\u007f')
  input.write('no\r')
  expect(await answer).toBe('denied')
  output.end()
  expect((await shown).split(`Type ${HASH.slice(0, 8)} to send`)).toHaveLength(3)
})

test.each(['\n\n', 'y\ny\n', 'yes\nyes\n', `${HASH.slice(0, 7)}\n${HASH}\n`, '--yes\nyes\n'])(
  'what is neither yes nor no is asked about once more, and then is no answer: %j',
  async (lines) => {
    const { answer, shown } = await typed(lines)
    expect(answer).toBe('unclear')
    expect(shown).toContain('leaves the request waiting')
  },
)

test('a typo is corrected', async () => {
  expect((await typed(`${HASH.slice(0, 7)}\n${HASH.slice(0, 8)}\n`)).answer).toBe('approved')
})

test('every byte is shown on request, before the question comes again; nothing drives the terminal', async () => {
  const { answer, shown } = await typed(`show\n${HASH.slice(0, 8)}\n`)
  expect(answer).toBe('approved')
  expect(shown).toContain('source"]}')
  expect(shown).not.toContain('\u001b]0;')
  expect(shown).not.toContain('\u001b[2J')
})
