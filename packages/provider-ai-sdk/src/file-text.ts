import { isObject } from '@ctxlock/provider-kit'

const TEXT_TYPE = /^(?:text(?:\/|$)|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|javascript)\b)/i

/** The text of a file part of a call; nothing when it is not here, or is none. */
export function fileText(data: unknown, mediaType: string): string | undefined {
  if (!isObject(data)) return undefined
  if (data['type'] === 'text') return typeof data['text'] === 'string' ? data['text'] : undefined
  const { data: content } = data
  if (data['type'] !== 'data' || !TEXT_TYPE.test(mediaType)) return undefined
  if (content instanceof Uint8Array) return new TextDecoder().decode(content)
  return typeof content === 'string' ? new TextDecoder().decode(Buffer.from(content, 'base64')) : undefined
}
