import { countOf, isObject, listOf, objectOf, parseJson, textOf } from '../wire/json.ts'
import type { JsonObject } from '../wire/json.ts'

/** What a server's error body says, in one shape. The server controls every character of it. */
export interface ServerError {
  readonly message: string
  /** Codes and types in lower case, most specific first, those of a wrapping gateway before those of what it wraps. */
  readonly kinds: readonly string[]
  /** An HTTP status inside the body, as gateways report upstream failures. */
  readonly status?: number
  /** Numbers of a context overflow, where the server gives them. */
  readonly promptTokens?: number
  readonly contextTokens?: number
  /** True for a JSON body, false for text and HTML. */
  readonly structured: boolean
}

// Gateways wrap what another gateway wrapped; a hostile body wraps without end.
const MAX_DEPTH = 4

/** Reads an error body in any of the shapes servers use (wire facts 1 and 2). */
export function parseServerError(body: string): ServerError {
  const parsed = parseJson(body)
  if (!parsed) return { message: body, kinds: [], structured: false }
  if (typeof parsed.value === 'string') return { message: parsed.value, kinds: [], structured: true }
  return serverErrorIn(parsed.value) ?? fromMembers(objectOf(unlisted(parsed.value)))
}

/**
 * The error inside an answer that came under HTTP 200, or nothing when the document is no error. Gateways also put the
 * failure of their upstream into a choice beside half an answer, Groq into a member of its own.
 */
export function serverErrorIn(value: unknown): ServerError | undefined {
  const document = objectOf(unlisted(value))
  const holders = [document, ...listOf(document['choices']).map(objectOf), objectOf(document['x_groq'])]
  for (const holder of holders) {
    const { error } = holder
    if (error === undefined || error === null || error === false || isPlaceholder(error, holder)) continue
    if (typeof error === 'string') return fromText(error, holder)
    return fromMembers(isObject(error) ? error : holder)
  }
  const { object, type, success } = document
  const failed = object === 'error' || type === 'error' || success === false || statusOf(document) !== undefined
  return failed ? fromMembers(document) : undefined
}

/** The HTTP status of a failure that a body states, as a number or as text. */
function statusOf({ code, status, status_code: statusCode }: JsonObject): number | undefined {
  const stated = [code, status, statusCode].map((value) => countOf(typeof value === 'string' ? Number(value) : value))
  return stated.find((value) => value !== undefined && value >= 400 && value < 600)
}

/** Google lists its errors even when there is one. */
function unlisted(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}

/** An error that says nothing beside an answer is none; one that stands alone is all there is. */
function isPlaceholder(error: unknown, holder: JsonObject): boolean {
  const silent = typeof error === 'object' ? Object.values(error ?? {}).every((member) => !member) : !error
  return silent && Object.keys(holder).length > 1
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
  return { message: text, kinds: kindsOf(document), structured: true }
}

function fromMembers(members: JsonObject, depth = 0): ServerError {
  const wrapped = [members['error'], members['detail'], members['message']].find(isObject)
  const inner = wrapped && depth < MAX_DEPTH ? fromMembers(wrapped, depth + 1) : undefined
  const status = statusOf(members)
  const promptTokens = countOf(members['n_prompt_tokens'])
  const contextTokens = countOf(members['n_ctx'])
  return {
    ...inner,
    message: messageOf(members) || (inner?.message ?? ''),
    kinds: [...kindsOf(members), ...(inner?.kinds ?? [])],
    structured: true,
    ...(status === undefined ? {} : { status }),
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  }
}

function kindsOf(members: JsonObject): readonly string[] {
  const { code, type, error_type: errorType, status, metadata } = members
  return [code, type, errorType, objectOf(metadata)['error_type'], status].flatMap((kind) =>
    typeof kind === 'string' && kind !== 'error' ? [kind.toLowerCase()] : [],
  )
}

function messageOf(members: JsonObject): string {
  const { message, detail, msg, error, title, metadata } = members
  const direct = [message, detail, msg, error, title].map(textOf).find((text) => text)
  // OpenRouter says what its upstream said apart.
  const raw = textOf(objectOf(metadata)['raw'])
  if (direct !== undefined) return raw ? `${direct}: ${raw}` : direct
  // FastAPI names the field that was wrong in `loc`; without it the message helps nobody.
  const details = listOf(detail).length > 0 ? listOf(detail) : listOf(members['errors'])
  return details
    .slice(0, 5)
    .map((entry) => {
      if (typeof entry === 'string') return entry
      const { loc, msg: said, message: text } = objectOf(entry)
      return [listOf(loc).join('.'), textOf(said) ?? textOf(text) ?? ''].filter(Boolean).join(': ')
    })
    .join('; ')
}
