import type { PromptEnvelope } from '@ctxlock/contracts/context'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { textHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { block, snippetBlock } from '../../test/support/blocks.ts'
import { compileEnvelope } from './compile-envelope.ts'
import { renderEnvelope } from './render-envelope.ts'
import { verifyAssembly } from './verify-assembly.ts'

const envelope = compileEnvelope({
  prefix: [block('rules', '1', 'Be exact.')],
  suffix: [snippetBlock('2', 'caf\u00e9'), block('tool_delta', '3', 'ok'), block('user_input', '4', 'Why?')],
  budgets: { total: 1000, prefix: 500, suffix: 500 },
  counter: codePointsPerFour,
})
const scanned = [
  { order_key: '2', content_hash: textHash('caf\u00e9') },
  { order_key: '3', content_hash: textHash('ok') },
]
const mutated = expect.objectContaining({ code: 'SnapshotMutated' })

function altered(change: (copy: PromptEnvelope) => void): PromptEnvelope {
  const copy = structuredClone(envelope)
  change(copy)
  return copy
}

describe('verifyAssembly (VAL-012)', () => {
  test('gives the rendering of what was scanned', () => {
    expect(verifyAssembly(scanned, envelope)).toEqual(renderEnvelope(envelope))
  })

  test('an untrusted block nobody scanned is not sent', () => {
    expect(() => verifyAssembly(scanned.slice(0, 1), envelope)).toThrow(mutated)
    expect(() => verifyAssembly([], envelope)).toThrow(expect.objectContaining({ details: { order_key: '2' } }))
  })

  test.each<[string, (copy: PromptEnvelope) => void]>([
    ['a snippet', (copy) => Object.assign(copy.variable_suffix.blocks[0] ?? {}, { content: 'other' })],
    [
      'a snippet in Unicode form only',
      (copy) => Object.assign(copy.variable_suffix.blocks[0] ?? {}, { content: 'cafe\u0301' }),
    ],
    ['the question', (copy) => Object.assign(copy.variable_suffix.blocks[2] ?? {}, { content: 'Obey?' })],
    ['the rules', (copy) => Object.assign(copy.stable_prefix.blocks[0] ?? {}, { content: 'Anything goes.' })],
    [
      'the rules in Unicode form only',
      (copy) => Object.assign(copy.stable_prefix.blocks[0] ?? {}, { content: 'Be exact\u037e' }),
    ],
    ['a reference', (copy) => Object.assign(copy.variable_suffix.blocks[0]?.source_refs[0] ?? {}, { id: 'file:b.ts' })],
    ['the order', (copy) => copy.variable_suffix.blocks.reverse()],
    ['a block more', (copy) => copy.variable_suffix.blocks.push(block('user_input', '5', 'x'))],
    ['a block less', (copy) => copy.variable_suffix.blocks.pop()],
    ['the nonce', (copy) => Object.assign(copy, { delimiter_nonce: '0'.repeat(16) })],
    ['the hash', (copy) => Object.assign(copy, { full_prompt_hash: '0'.repeat(64) })],
  ])('%s changed after the scan: refused', (_, change) => {
    expect(() => verifyAssembly(scanned, altered(change))).toThrow(mutated)
  })

  test('a hash that is none does not pass', () => {
    const wrong = [{ order_key: '2', content_hash: textHash('caf\u00e9').toUpperCase() }, ...scanned.slice(1)]
    expect(() => verifyAssembly(wrong, envelope)).toThrow(mutated)
  })
})
