import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http'

import { onTestFinished } from 'vitest'

import type { Assets } from '../../src/console/assets.ts'
import { serveConsole } from '../../src/console/serve-console.ts'
import { Json } from './ctxlock.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface ConsoleClient {
  readonly origin: string
  readonly entryUrl: string
  /** What whoever opened the entry address holds. */
  readonly cookie: string
  readonly key: string
  /** As the console's own pages ask; `changed` headers replace or, when undefined, remove those. */
  ask(path: string, question?: object, changed?: Readonly<Record<string, string | undefined>>): Promise<Answer>
  json(path: string, question?: object): Promise<Json>
}

/** Sends exactly this, and nothing a client library would add or correct. */
export function send(origin: string, options: RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const sent = httpRequest({ hostname, port, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const PAGE = new TextEncoder().encode('<title>console</title>')

/** A console over this workspace that was entered once; it ends with the test. */
export async function openConsole(
  root: string,
  assets: Assets = new Map([['/', { bytes: PAGE, type: 'text/html' }]]),
): Promise<ConsoleClient> {
  const served = await serveConsole({ root, assets, port: 0 })
  onTestFinished(() => served.close())
  const { origin, pathname } = new URL(served.entryUrl)
  const entered = await send(origin, { path: pathname })
  const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const key = /#key=([\w-]+)/.exec(entered.text)?.[1] ?? ''
  const ask: ConsoleClient['ask'] = (path, question, changed = {}) => {
    const headers: Record<string, string | undefined> = {
      cookie,
      origin,
      'x-ctxlock-key': key,
      ...(question && { 'content-type': 'application/json' }),
      ...changed,
    }
    const given = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    )
    return send(
      origin,
      { path, method: question ? 'POST' : 'GET', headers: given },
      question && JSON.stringify(question),
    )
  }
  return {
    origin,
    entryUrl: served.entryUrl,
    cookie,
    key,
    ask,
    async json(path, question) {
      const { status, text } = await ask(path, question)
      if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`)
      return new Json(JSON.parse(text))
    },
  }
}
