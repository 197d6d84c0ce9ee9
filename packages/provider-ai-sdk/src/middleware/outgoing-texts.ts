import type { LanguageModelV4CallOptions, LanguageModelV4ToolResultOutput } from '@ai-sdk/provider'
import { isObject } from '@ctxlock/provider-kit'

import { fileText } from '../file-text.ts'

/** One text of a call. */
export interface OutgoingText {
  /** The part it stands in, such as `prompt/2/content/0` or `options/tools/1`. Made of names of the SDK only. */
  readonly place: string
  /** True for system messages, which are the application's own words. */
  readonly isInstruction: boolean
  readonly text: string
}

export interface OutgoingTexts {
  readonly texts: readonly OutgoingText[]
  /** Files whose content is not text that could be read here: images, other bytes, URLs, references. */
  readonly opaqueParts: number
  /** What tools returned, each as one text; files that are none are left out. */
  readonly toolOutputs: readonly ToolOutput[]
}

export interface ToolOutput {
  readonly toolCallId: string
  readonly text: string
}

/** Every text a model is given, in order: messages, tool calls and their results, text files, tools, formats, options. */
export function outgoingTexts(params: LanguageModelV4CallOptions): OutgoingTexts {
  const texts: OutgoingText[] = []
  const toolOutputs: ToolOutput[] = []
  let opaqueParts = 0

  function visit(value: unknown, place: string, isInstruction = false): void {
    if (typeof value === 'string') {
      if (value !== '') texts.push({ place, isInstruction, text: value })
    } else if (value instanceof URL) visit(value.href, place, isInstruction)
    else if (Array.isArray(value)) for (const item of value) visit(item, place, isInstruction)
    else if (isObject(value)) visitObject(value, place, isInstruction)
  }

  function visitObject(value: Readonly<Record<string, unknown>>, place: string, isInstruction: boolean): void {
    const { mediaType, data, ...others } = value
    if (typeof mediaType !== 'string' || data === undefined) return visit(Object.values(value), place, isInstruction)
    visit(Object.values(others), place, isInstruction)
    const content = fileText(data, mediaType)
    if (content === undefined) opaqueParts += 1
    else visit(content, place, isInstruction)
  }

  const { abortSignal: _, headers: _values, prompt, ...options } = params
  for (const [index, { role, content, ...rest }] of prompt.entries()) {
    const place = `prompt/${index}`
    if (typeof content === 'string') visit(content, place, role === 'system')
    // Without the word for its kind between them, parts are neighbours: a text may be spread over two.
    else
      content.forEach(({ type: _type, ...part }, at) => {
        visit(part, `${place}/content/${at}`)
        if ('output' in part) toolOutputs.push({ toolCallId: part.toolCallId, text: outputText(part.output) })
      })
    visit(rest, place)
  }
  for (const [name, option] of Object.entries(options)) {
    const items: readonly unknown[] = Array.isArray(option) ? option : [option]
    items.forEach((item, at) => visit(item, Array.isArray(option) ? `options/${name}/${at}` : `options/${name}`))
  }
  return { texts, opaqueParts, toolOutputs }
}

/** What a model reads of it: JSON with its names and numbers, and files as far as they are text. */
function outputText(output: LanguageModelV4ToolResultOutput): string {
  if (output.type === 'execution-denied') return output.reason ?? ''
  if (output.type === 'json' || output.type === 'error-json') return JSON.stringify(output.value)
  if (output.type !== 'content') return output.value
  return output.value.map((part) => contentText(part)).join('')
}

function contentText(part: Extract<LanguageModelV4ToolResultOutput, { type: 'content' }>['value'][number]): string {
  if (part.type === 'text') return part.text
  return part.type === 'file' ? (fileText(part.data, part.mediaType) ?? '') : ''
}
