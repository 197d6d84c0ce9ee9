import type { CallInput } from '@ctxlock/contracts/guards'

import { hostileTexts } from './hostile-texts.ts'

/** A copy of everything in a call but its ports, which are functions of the host. */
export function callData(call: CallInput): Omit<CallInput, 'ports'> {
  return structuredClone({ ...call, ports: undefined })
}

/** A copy with the same ports. */
export function copied(call: CallInput): CallInput {
  return { ...callData(call), ports: call.ports }
}

/** A copy that cannot be changed, as the pipeline hands it in; bytes are the exception. */
export function frozenCall(call: CallInput): CallInput {
  return Object.freeze({ ...deepFrozen(callData(call)), ports: Object.freeze({ ...call.ports }) })
}

function deepFrozen<Value extends object>(value: Value): Value {
  if (value instanceof Uint8Array) return value
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFrozen(part)
  return Object.freeze(value)
}

/** Every text of a call's blocks and snippets. */
export function textsOf({ envelope, snippets }: CallInput): string[] {
  const blocks = [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]
  const bytes = snippets.map((snippet) => snippet.bytes ?? new Uint8Array())
  return [...blocks.map(({ content }) => content), ...bytes.map((each) => new TextDecoder().decode(each))]
}

/** The call with a hostile text in place of each block that is not ours, of each snippet and of every source. */
export function hostileCalls(call: CallInput): CallInput[] {
  const example = textsOf(call).join('\n')
  return hostileTexts(example).map((text) => callWith(call, text))
}

/** The call with its blocks, snippets and sources replaced. */
export function callWith(call: CallInput, text: string): CallInput {
  // Not valid UTF-8 at the end.
  const bytes = Uint8Array.of(...new TextEncoder().encode(text), 0xc3, 0xff)
  const { envelope, ports } = call
  const blocks = envelope.variable_suffix.blocks.map((block) => ({ ...block, content: text }))
  return {
    ...call,
    envelope: { ...envelope, variable_suffix: { ...envelope.variable_suffix, blocks } },
    rendered: call.rendered.map(() => text),
    snippets: call.snippets.map((snippet) => ({ ...snippet, bytes: bytes.slice() })),
    ports: {
      ...ports,
      sources: {
        read(path, options) {
          const found = ports.sources.read(path, options)
          return found.status === 'read' ? { status: 'read', bytes: bytes.slice() } : found
        },
      },
      resolver: {
        describe: (reference) => ports.resolver.describe(reference),
        bytes: (reference) => ports.resolver.bytes(reference) && bytes.slice(),
      },
    },
  }
}
