import type { ApiFailure } from './api.ts'

const KEY_NAME = 'ctxlock-key'

/** Takes the key of this session out of the address it came in; from then on only this origin has it. */
export function keepKey(hash: string, storage: Pick<Storage, 'setItem'>, replace: (url: string) => void): void {
  const key = /^#key=([\w-]{43})$/.exec(hash)?.[1]
  if (key === undefined) return
  storage.setItem(KEY_NAME, key)
  replace('/')
}

/** Why a question was not answered, for a person. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: string
  readonly hint: string | undefined

  constructor({ code, message, hint }: ApiFailure['error']) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

/** Asks the console's own server. Rejects with a `ClientError`. */
export async function ask<Answer>(path: string, question?: object, signal?: AbortSignal): Promise<Answer> {
  const response = await send(path, question, signal)
  return response.json()
}

/** The same, unread: for answers that go on. */
export async function send(
  path: string,
  question?: object,
  signal?: AbortSignal,
  headers?: Readonly<Record<string, string>>,
): Promise<Response> {
  const response = await fetch(path, {
    method: question === undefined ? 'GET' : 'POST',
    headers: {
      ...headers,
      'x-ctxlock-key': localStorage.getItem(KEY_NAME) ?? '',
      ...(question && { 'content-type': 'application/json' }),
    },
    cache: 'no-store',
    redirect: 'error',
    ...(question && { body: JSON.stringify(question) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new ClientError(GONE)
  })
  if (response.ok) return response
  const failure: ApiFailure = await response.json().catch(() => ({ error: GONE }))
  throw new ClientError(failure.error)
}

const GONE: ApiFailure['error'] = {
  code: 'CONSOLE_GONE',
  message: 'the console does not answer',
  hint: 'Start `ctxlock console` again and open the address it prints.',
}
