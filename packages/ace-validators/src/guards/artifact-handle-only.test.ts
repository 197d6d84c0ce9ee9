import type { ContextBlock } from '@ctxlock/contracts/context'
import type { CallInput, ToolDeltaUse } from '@ctxlock/contracts/guards'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { DEFAULT_RETRIEVAL_BUDGETS } from '@ctxlock/contracts/retrieval'
import { describe, expect, it } from 'vitest'

import { block, callInput, planInput } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { handleOf, Workspace } from '../../test/support/workspace.ts'
import { artifactHandleGuard as guard, inlineOutputErrors } from './artifact-handle-only.ts'

const output = (length: number): string => '😀'.repeat(length)

function use(
  order_keys: string[],
  artifact_handles: ArtifactHandle[] = [],
  summary = 'done',
  tool_call_id = 'call-1',
): ToolDeltaUse {
  return {
    order_keys,
    delta: { tool_id: 'test', tool_call_id, status: 'ok', summary, changed_entity_refs: [], artifact_handles },
  }
}

function judged(blocks: ContextBlock[], uses: ToolDeltaUse[], workspace = new Workspace()): string[] {
  const input: CallInput = { ...callInput({ blocks, workspace }), tool_deltas: uses }
  return problems(ask(guard, input))
}

describe('T-ACE-MIN-03: artifact first', () => {
  it('passes 2000 code points inline and refuses 2001', () => {
    expect(judged([block('tool_delta', '60', output(2000))], [use(['60'])])).toEqual([])
    expect(judged([block('tool_delta', '60', output(2001))], [use(['60'])])).toEqual([
      'InlineDeltaExceeded inline_too_long',
    ])
  })

  it('sums one output over all its blocks', () => {
    const blocks = [block('tool_delta', '60', output(1500)), block('tool_delta', '61', output(501))]
    expect(judged(blocks, [use(['60', '61'])])).toEqual(['InlineDeltaExceeded inline_too_long'])
    expect(judged(blocks, [use(['60']), use(['61'])])).toEqual(['InlineDeltaExceeded inline_too_long'])
    expect(judged(blocks, [use(['60']), use(['61'], [], 'done', 'call-2')])).toEqual([])
  })

  it('passes an offloaded output: a summary inline, the rest behind a handle that hashes', () => {
    const workspace = new Workspace()
    const handle = workspace.put('log', output(5000))
    expect(judged([block('tool_delta', '60', 'tests passed')], [use(['60'], [handle])], workspace)).toEqual([])
    expect(judged([block('tool_delta', '60', output(2001))], [use(['60'], [handle])], workspace)).toEqual([
      'InlineDeltaExceeded inline_too_long',
    ])
  })

  it.each<[string, (handle: ArtifactHandle) => ArtifactHandle, string]>([
    [
      'a wrong hash',
      (handle) => ({ ...handle, content_hash: 'b'.repeat(64) }),
      'InlineDeltaExceeded handle_hash_differs',
    ],
    [
      'a malformed hash',
      (handle) => ({ ...handle, content_hash: 'B'.repeat(64) }),
      'InlineDeltaExceeded handle_malformed',
    ],
    ['a wrong size', (handle) => ({ ...handle, size_bytes: 1 }), 'InlineDeltaExceeded handle_hash_differs'],
    ['no bytes behind it', () => handleOf('nowhere', 'c'.repeat(64), 3), 'ContentUnresolvable'],
  ])('refuses a handle with %s', (_, bend, expected) => {
    const workspace = new Workspace()
    const handle = bend(workspace.put('log', 'text'))
    expect(judged([block('tool_delta', '60', 'short')], [use(['60'], [handle])], workspace)).toEqual([expected])
  })

  it('finds tool output in a block of another kind: by reference to the call or artifact, or by its text', () => {
    const workspace = new Workspace()
    const text = output(2500)
    const handle = workspace.put('log', text)
    const smuggled = (kind: ContextBlock['kind'], source_refs: ContextBlock['source_refs']): string[] =>
      judged([block(kind, '60', text, { source_refs })], [use([], [handle])], workspace)
    expect(smuggled('task', [])).toEqual(['InlineDeltaExceeded inline_too_long'])
    expect(smuggled('open_loops', [{ kind: 'job_step', id: 'call-1' }])).toEqual([
      'InlineDeltaExceeded inline_too_long',
    ])
    expect(
      judged(
        [
          block('user_input', '60', output(2001), {
            source_refs: [{ kind: 'artifact', id: handle.artifact_id, hash: handle.content_hash }],
          }),
        ],
        [use([], [handle])],
        workspace,
      ),
    ).toEqual(['InlineDeltaExceeded inline_too_long'])
    expect(judged([block('user_input', '60', output(2001))], [], workspace)).toEqual([])
  })

  it('holds a tool_delta block nobody accounts for to the limit, and a summary no block shows', () => {
    expect(judged([block('tool_delta', '60', output(2001))], [])).toEqual(['InlineDeltaExceeded inline_too_long'])
    expect(judged([], [use([], [], output(2001))])).toEqual(['InlineDeltaExceeded inline_too_long'])
  })

  it.each([0, -1, 1.5, Number.NaN, 100_001])('refuses a limit of %s in the plan', (tool_delta_inline_char_limit) => {
    const input = planInput()
    const budgets = { ...DEFAULT_RETRIEVAL_BUDGETS, tool_delta_inline_char_limit }
    expect(guard.validatePlan?.({ ...input, plan: { ...input.plan, budgets } })).toMatchObject({ verdict: 'fail' })
  })
})

it('judges what tools returned in somebody else’s prompt by length: code points, and all of one call together', () => {
  const returned = (toolCallId: string, length: number) => ({ toolCallId, text: output(length) })
  expect(inlineOutputErrors([returned('a', 10), returned('b', 6)], 10)).toEqual([])
  expect(inlineOutputErrors([returned('a', 6), returned('b', 6), returned('a', 5)], 10)).toEqual([
    {
      code: 'InlineDeltaExceeded',
      guard: 'ArtifactHandleOnlyGuard',
      details: { reason: 'inline_too_long', length: 11, limit: 10, tool_call_id: 'a' },
    },
  ])
})
