import type { ScriptedResponse } from '../../../../packages/plugin-api/src/testing.ts'
import type { MarkerCase, TheirPlace } from './marker-case.ts'

/** What the server of a case answers. */
export function responseOf(each: MarkerCase): ScriptedResponse {
  const { outcome, marker, form, streamed } = each
  const at = (place: TheirPlace): string => (each.theirs.has(place) ? ` ${marker}` : '')
  const headers: Record<string, string> = each.theirs.has('header')
    ? { 'x-request-id': marker, 'retry-after': marker, 'x-ratelimit-remaining': marker }
    : {}
  const answer = { status: 200, headers: { ...headers, ...contentType(each) }, body: [{ bytes: answerBody(each) }] }
  switch (outcome) {
    case 'timeout':
    case 'abort': {
      const [first = ''] = answerBody(each).split(/(?<=\n)/)
      return streamed && form % 2 === 0
        ? { ...answer, body: [{ bytes: first }], end: 'hang' }
        : { status: 200, silent: true }
    }
    case 'client error':
      return failure([400, 401, 403, 404, 413, 422, 429][form % 7] ?? 400, at('error body'), form, headers)
    case 'server error':
      return failure([500, 502, 503, 529][form % 4] ?? 500, at('error body'), form, headers)
    case 'broken connection':
      return form % 2 === 0
        ? { status: 0 }
        : { ...answer, body: [{ bytes: answerBody(each).slice(0, -30) }], end: 'cut' }
    case 'redirect':
      return { status: 307, headers: { ...headers, location: `http://127.0.0.1:9/${marker}` } }
    case 'garbage':
      return { ...answer, body: [{ bytes: `{"half": "${at('error body')}` }] }
    case 'success':
    case 'refusal':
    case 'bad configuration':
      return answer
  }
}

function contentType({ provider, streamed }: MarkerCase): { readonly 'content-type': string } {
  const stream = provider === 'ollama' ? 'application/x-ndjson' : 'text/event-stream'
  return { 'content-type': streamed ? stream : 'application/json' }
}

/** The shapes in which servers say what went wrong. */
function failure(status: number, echo: string, form: number, headers: Record<string, string>): ScriptedResponse {
  const text = `it did not like${echo}, nor "x${echo.trim()}y"`
  const bodies: readonly string[] = [
    JSON.stringify({ error: { message: text, type: 'some_error', code: echo.trim() || null } }),
    JSON.stringify({ error: text }),
    JSON.stringify({ detail: [{ loc: ['body', echo.trim()], msg: text }] }),
    JSON.stringify({ object: 'error', message: text }),
    JSON.stringify({ error: JSON.stringify({ error: { message: text } }) }),
    text,
    `<html><body>${text}</body></html>`,
  ]
  const body = bodies[form % bodies.length] ?? ''
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: [{ bytes: body }] }
}

/** A good answer, or one that has to be refused: declined, not JSON, a call nobody can make. */
function answerBody(each: MarkerCase): string {
  const { marker, outcome, provider, form } = each
  const at = (place: TheirPlace): string => (each.theirs.has(place) ? ` ${marker}` : '')
  const name = each.theirs.has('names') ? marker : 'm1'
  const refused = outcome === 'refusal'
  const calls = form % 3 === 0 || (refused && form % 2 === 0)
  const args = { note: `n${at('tool call')}`, ...(refused ? { extra: marker } : {}) }
  const called = { name: refused && form % 4 === 0 ? `t${at('tool call').trim()}` : 'take_note', arguments: args }
  const words = { text: `Well${at('reply')}`, name, calls: calls ? [called] : [], refused }
  return provider === 'ollama' ? ollamaAnswer(words, each) : openAiAnswer(words, each)
}

interface Words {
  readonly text: string
  readonly name: string
  readonly calls: readonly { readonly name: string; readonly arguments: object }[]
  readonly refused: boolean
}

function ollamaAnswer({ text, name, calls }: Words, { streamed }: MarkerCase): string {
  const line = (members: object): string => `${JSON.stringify({ model: name, ...members })}\n`
  const message = { role: 'assistant', content: text, tool_calls: calls.map((call) => ({ function: call })) }
  const end = { done: true, done_reason: name === 'm1' ? 'stop' : name, prompt_eval_count: 9, eval_count: 2 }
  if (!streamed) return line({ message, ...end })
  return line({ message, done: false }) + line({ message: { role: 'assistant', content: '' }, ...end })
}

function openAiAnswer({ text, name, calls, refused }: Words, { streamed, form }: MarkerCase): string {
  const tool_calls = calls.map((call, index) => ({
    index,
    id: `call_${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }))
  const message = {
    role: 'assistant',
    content: text,
    ...(calls.length === 0 ? {} : { tool_calls }),
    ...(refused && form % 5 === 0 ? { refusal: text } : {}),
  }
  const finish_reason = name === 'm1' ? 'stop' : name
  const document = (choice: object): object => ({
    id: name,
    model: name,
    system_fingerprint: name,
    choices: [{ index: 0, ...choice }],
  })
  if (!streamed) return JSON.stringify(document({ message, finish_reason }))
  const chunks = [document({ delta: message }), document({ delta: {}, finish_reason })]
  return [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('')
}
