import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { isObject } from '@ctxlock/provider-kit'

/** One text of a call. */
export interface OutgoingText {
  /** Where it stands, such as `prompt/2/content/0/text`. */
  readonly place: string
  /** True for system messages, which are the application's own words. */
  readonly isInstruction: boolean
  readonly text: string
}

export interface OutgoingTexts {
  readonly texts: readonly OutgoingText[]
  /** Files whose content is not text that could be read here: images, other bytes, URLs, references. */
  readonly opaqueParts: number
}

const TEXT_TYPE = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|javascript)\b)/i

/** Every text a model is given, in order: messages, tool calls and their results, text files, tools, formats, options. */
export function outgoingTexts(params: LanguageModelV4CallOptions): OutgoingTexts {
  const texts: OutgoingText[] = []
  let opaqueParts = 0

  function visit(value: unknown, place: string, isInstruction: boolean): void {
    if (typeof value === 'string') {
      if (value !== '') texts.push({ place, isInstruction, text: value })
    } else if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${place}/${index}`, isInstruction))
    else if (value instanceof URL) visit(value.href, place, isInstruction)
    else if (isObject(value)) visitObject(value, place, isInstruction)
  }

  function visitObject(value: Readonly<Record<string, unknown>>, place: string, isInstruction: boolean): void {
    const { mediaType } = value
    const isFile = typeof mediaType === 'string' && 'data' in value
    for (const [name, member] of Object.entries(value)) {
      if (!isFile || name !== 'data') visit(member, `${place}/${name}`, isInstruction)
    }
    if (!isFile) return
    const content = fileText(value['data'], mediaType)
    if (content === undefined) opaqueParts += 1
    else visit(content, `${place}/data`, isInstruction)
  }

  const { abortSignal: _, headers: _values, prompt, ...options } = params
  for (const [index, { role, content, ...rest }] of prompt.entries()) {
    const place = `prompt/${index}`
    if (typeof content === 'string') visit(content, `${place}/content`, role === 'system')
    // Without the word for its kind between them, parts are neighbours: a text may be spread over two.
    else content.forEach(({ type: _type, ...part }, at) => visit(part, `${place}/content/${at}`, false))
    visit(rest, place, false)
  }
  visit(options, 'options', false)
  return { texts, opaqueParts }
}

/** The text of a file part; nothing when it is not here, or is none. */
function fileText(data: unknown, mediaType: string): string | undefined {
  if (!isObject(data)) return undefined
  if (data['type'] === 'text') return typeof data['text'] === 'string' ? data['text'] : undefined
  const { data: content } = data
  if (data['type'] !== 'data' || !TEXT_TYPE.test(mediaType)) return undefined
  if (content instanceof Uint8Array) return new TextDecoder().decode(content)
  return typeof content === 'string' ? new TextDecoder().decode(Buffer.from(content, 'base64')) : undefined
}
