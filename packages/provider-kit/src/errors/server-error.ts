import { countOf, isObject, listOf, objectOf, parseJson, textOf } from '../wire/json.ts'
import type { JsonObject } from '../wire/json.ts'

/** What a server's error body says, in one shape. The server controls every character of it. */
export interface ServerError {
  readonly message: string
  /** `error.code` and `error.type` in lower case, most specific first. */
  readonly kinds: readonly string[]
  /** An HTTP status inside the body, as gateways report upstream failures. */
  readonly status?: number
  /** Numbers of a context overflow, where the server gives them. */
  readonly promptTokens?: number
  readonly contextTokens?: number
  /** True for a JSON body, false for text and HTML. */
  readonly structured: boolean
}

/** Reads an error body in any of the shapes servers use (wire facts 1 and 2). */
export function parseServerError(body: string): ServerError {
  const parsed = parseJson(body)
  if (!parsed) return { message: body, kinds: [], structured: false }
  if (typeof parsed.value === 'string') return { message: parsed.value, kinds: [], structured: true }
  return serverErrorIn(objectOf(parsed.value)) ?? fromMembers(objectOf(parsed.value))
}

/**
 * The error inside an answer that came under HTTP 200, or nothing when the document is no error. Gateways also put the
 * failure of their upstream into a choice beside half an answer, Groq into a member of its own.
 */
export function serverErrorIn(document: JsonObject): ServerError | undefined {
  const holders = [document, ...listOf(document['choices']).map(objectOf), objectOf(document['x_groq'])]
  for (const holder of holders) {
    const { error } = holder
    if (typeof error === 'string') return fromText(error, holder)
    if (isObject(error)) return fromMembers(error)
    if (error !== undefined && error !== null && error !== false) return fromMembers(holder)
  }
  if (document['object'] === 'error' || document['type'] === 'error' || document['success'] === false)
    return fromMembers(document)
  return undefined
}

/** Ollama passes its runner's JSON on as a string, sometimes with a line of text behind it. */
function fromText(text: string, document: JsonObject): ServerError {
  const [firstLine = ''] = text.split('\n', 1)
  const nested = text.startsWith('{') ? (parseJson(text) ?? parseJson(firstLine)) : undefined
  if (nested && isObject(nested.value)) {
    const inner = serverErrorIn(nested.value) ?? fromMembers(nested.value)
    const rest = text.slice(firstLine.length).trim()
    return parseJson(text) || rest === '' ? inner : { ...inner, message: `${inner.message} ${rest}` }
  }
  const code = textOf(document['code'])
  return { message: text, kinds: code === undefined ? [] : [code.toLowerCase()], structured: true }
}

function fromMembers(members: JsonObject): ServerError {
  const metadata = objectOf(members['metadata'])
  const kinds = [members['code'], members['type'], metadata['error_type']].flatMap((kind) =>
    typeof kind === 'string' && kind !== 'error' ? [kind.toLowerCase()] : [],
  )
  const status =
    countOf(members['code']) ?? countOf(Number(textOf(members['code']) ?? Number.NaN)) ?? countOf(members['status'])
  const message = messageOf(members)
  const promptTokens = countOf(members['n_prompt_tokens'])
  const contextTokens = countOf(members['n_ctx'])
  return {
    message,
    kinds,
    structured: true,
    ...(status !== undefined && status >= 400 && status < 600 ? { status } : {}),
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  }
}

function messageOf(members: JsonObject): string {
  const direct =
    textOf(members['message']) ?? textOf(members['detail']) ?? textOf(members['msg']) ?? textOf(members['error'])
  if (direct !== undefined) return direct
  // FastAPI names the field that was wrong in `loc`; without it the message helps nobody.
  const details = listOf(members['detail']).length > 0 ? listOf(members['detail']) : listOf(members['errors'])
  return details
    .slice(0, 5)
    .map((entry) => {
      if (typeof entry === 'string') return entry
      const { loc, msg, message } = objectOf(entry)
      return [listOf(loc).join('.'), textOf(msg) ?? textOf(message) ?? ''].filter(Boolean).join(': ')
    })
    .join('; ')
}
