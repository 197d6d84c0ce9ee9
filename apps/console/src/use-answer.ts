import { useEffect, useState } from 'preact/hooks'

import { ask, ClientError } from './client.ts'

export interface Asked<Answer> {
  /** What came last; it stays while the same is asked again. */
  readonly answer: Answer | undefined
  readonly error: ClientError | undefined
}

/** The answer to a question, asked anew whenever it or `version` changes. */
export function useAnswer<Answer>(path: string, question?: object, version = 0): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer>>({ answer: undefined, error: undefined })
  const body = question === undefined ? undefined : JSON.stringify(question)
  useEffect(() => {
    const abort = new AbortController()
    ask<Answer>(path, body === undefined ? undefined : JSON.parse(body), abort.signal).then(
      (answer) => setAsked({ answer, error: undefined }),
      (error: unknown) => {
        if (abort.signal.aborted) return
        setAsked((before) => ({ ...before, error: error instanceof ClientError ? error : unknownError(error) }))
      },
    )
    return () => abort.abort()
  }, [path, body, version])
  return asked
}

function unknownError(error: unknown): ClientError {
  return new ClientError({ code: 'PAGE_FAILED', message: String(error), hint: 'Reload the page.' })
}
