import { ProviderError } from '@ctxlock/contracts/provider'
import type { ToolCall, ToolChoice, ToolSpecification } from '@ctxlock/contracts/provider'

import { isJson, isObject, parseJson } from '../wire/json.ts'
import type { ToolCallPart } from './answer-part.ts'
import { compileSchema } from './json-schema.ts'
import type { SchemaCheck } from './json-schema.ts'
import { followObject } from './object-end.ts'

export interface ToolCheck {
  readonly choice: ToolChoice
  /** Argument check by tool name. */
  readonly offered: ReadonlyMap<string, SchemaCheck>
}

/** Compiles the offered tools. Throws `invalid_request` for an unusable schema or a name offered twice. */
export function toolCheck(tools: readonly ToolSpecification[], choice: ToolChoice): ToolCheck {
  const offered = new Map<string, SchemaCheck>()
  for (const { name, parameters } of tools) {
    if (offered.has(name))
      throw new ProviderError('invalid_request', `The tool ${name} is offered twice.`, { attempts: 0 })
    offered.set(name, compileSchema(parameters, `the tool ${name}`))
  }
  if (typeof choice === 'object' && !offered.has(choice.name)) {
    throw new ProviderError('invalid_request', `The chosen tool ${choice.name} is not offered.`, { attempts: 0 })
  }
  return { choice, offered }
}

interface Draft {
  id: string
  name: string
  argumentsText: string
  arguments: unknown
  readonly object: ReturnType<typeof followObject>
}

/** Puts fragments together. */
export function createToolCallDrafts(): { add(part: ToolCallPart): void; drafts(): readonly Draft[] } {
  const byIndex = new Map<number, Draft>()
  const all: { readonly index: number; readonly draft: Draft }[] = []
  const begin = (index: number): Draft => {
    const draft = { id: '', name: '', argumentsText: '', arguments: undefined, object: followObject() }
    byIndex.set(index, draft)
    all.push({ index, draft })
    return draft
  }
  return {
    add(part) {
      const index = part.index ?? all.at(-1)?.index ?? 0
      const known = byIndex.get(index)
      const draft = known === undefined || beginsAnother(known, part) ? begin(index) : known
      // Servers repeat id and name on every fragment, or send them once; none of them sends them in pieces.
      draft.id ||= part.id ?? ''
      draft.name ||= part.name ?? ''
      draft.argumentsText += part.argumentsText ?? ''
      draft.object.add(part.argumentsText ?? '')
      draft.arguments = part.arguments ?? draft.arguments
    },
    drafts: () => all.toSorted((left, right) => left.index - right.index).map(({ draft }) => draft),
  }
}

/** Some servers send no index, or the same one for every call: then names, ids and whole arguments tell. */
function beginsAnother({ id, name, object }: Draft, part: ToolCallPart): boolean {
  // Arguments that do not come as text are whole, so their part is a call of its own.
  if (part.arguments !== undefined) return true
  if (!part.name || name === '') return false
  if (part.name !== name || (id && part.id && part.id !== id)) return true
  return object.closed && (part.argumentsText ?? '').trim() !== ''
}

/**
 * The finished calls. Arguments are parsed and checked before anybody trusts the finish reason, since servers report
 * `tool_calls` for calls they cut off. Throws `tool_call_incomplete`, `tool_call_invalid`, `tool_choice_not_honoured`.
 */
export function finishToolCalls(drafts: readonly Draft[], check: ToolCheck, cutOff: boolean): readonly ToolCall[] {
  const ownId = ownIds()
  const calls = drafts.map((draft, position) => finishCall(draft, ownId(draft.id, position), check, cutOff))
  const { choice } = check
  const honoured =
    choice === 'auto' ||
    (choice === 'none' && calls.length === 0) ||
    (choice === 'required' && calls.length > 0) ||
    (typeof choice === 'object' && calls.length > 0 && calls.every(({ name }) => name === choice.name))
  if (honoured) return calls
  if (cutOff) throw new ProviderError('tool_call_incomplete', 'The answer was cut off before the demanded tool call.')
  throw new ProviderError('tool_choice_not_honoured', 'The server ignored the demanded choice of tools.')
}

/** Results are correlated by id, so a missing or repeated one is made up. No number is tried twice. */
function ownIds(): (given: string, position: number) => string {
  const taken = new Set<string>()
  let number = 0
  return (given, position) => {
    let id = given
    for (number = Math.max(number, position); id === '' || taken.has(id); number += 1)
      id = `${given || 'call'}_${number}`
    taken.add(id)
    return id
  }
}

function finishCall(draft: Draft, id: string, { offered }: ToolCheck, cutOff: boolean): ToolCall {
  const schema = offered.get(draft.name)
  const value = argumentsOf(draft)
  if (value === undefined && cutOff) {
    throw new ProviderError('tool_call_incomplete', 'The answer was cut off inside the arguments of a tool call.')
  }
  if (!schema) throw invalid('it names a tool that was not offered', 'unknown_tool')
  if (value === undefined) throw invalid('its arguments are no JSON object', 'not_json')
  const violation = schema(value)
  if (violation) throw invalid(`its arguments break the schema at "${violation.path}" (${violation.keyword})`, 'schema')
  return { id, name: draft.name, arguments: value }
}

function argumentsOf(draft: Draft): ToolCall['arguments'] | undefined {
  const value = draft.arguments ?? (draft.argumentsText.trim() === '' ? {} : parseJson(draft.argumentsText)?.value)
  return isObject(value) && isJson(value) ? value : undefined
}

function invalid(why: string, reason: string): ProviderError {
  return new ProviderError('tool_call_invalid', `A tool call of the model is not valid: ${why}.`, { reason })
}
