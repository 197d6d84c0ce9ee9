import type { Context } from 'hono'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Schema } from '../workspace/validation.ts'

/** The JSON body of a question. Throws `REQUEST_INVALID`, naming the first field that does not fit. */
export async function requestBody<T>({ req }: Context, schema: Schema<T>): Promise<T> {
  const isJson = req.header('content-type')?.split(';')[0] === 'application/json'
  const parsed = schema.safeParse(isJson ? await req.json().catch(() => undefined) : undefined)
  if (parsed.success) return parsed.data
  throw new CommandError({
    exit: EXIT_CODE.refused,
    code: 'REQUEST_INVALID',
    message: `the question does not fit: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`,
    hint: 'Reload the page; this console and its pages are of one version.',
  })
}
