import { describe, expect, it } from 'vitest'

import { createWorkspace, options, rules } from './__fixtures__/workspace.ts'
import { checkPacks } from './check.ts'
import { replayPacks } from './replay.ts'

async function recordedCall() {
  const workspace = createWorkspace({ a: 'one\n', b: 'two\n', c: 'three\n' })
  const records = [workspace.pack(['a']), workspace.pack(['b']), workspace.pack(['c'])]
  workspace.write('b', 'changed\n')
  workspace.remove('c')
  const regenerate = ({ record }: { record: unknown }) => (record === records[1] ? workspace.pack(['b']) : undefined)
  const checked = await checkPacks(
    records.map((record) => ({ record })),
    rules(),
    workspace.reads,
    options({ regenerate }),
  )
  const recorded: unknown[] = JSON.parse(JSON.stringify(checked.map(({ freshness }) => freshness)))
  return { workspace, recorded, [Symbol.dispose]: () => workspace[Symbol.dispose]() }
}

describe('replayPacks (FG-018)', () => {
  it('reuses the recorded decisions whatever the sources are now, and reads no source', async () => {
    using call = await recordedCall()
    const { workspace, recorded } = call
    workspace.write('a', 'changed since the recording\n')
    workspace.readPaths.length = 0
    const replayed = replayPacks(recorded, workspace.reads.readPayload)
    expect(replayed.map(({ freshness }) => freshness)).toEqual(recorded)
    expect(replayed.map(({ freshness }) => freshness.outcome)).toEqual(['use_pack', 'use_regenerated', 'fallback'])
    expect(replayed.map(({ payload }) => payload !== undefined)).toEqual([true, true, false])
    expect(workspace.readPaths).toEqual([])
  })

  it.each(['gone', 'altered'])('fails when a recorded pack is %s', async (how) => {
    using call = await recordedCall()
    const { workspace, recorded } = call
    const [first] = replayPacks(recorded, workspace.reads.readPayload)
    const hash = first?.freshness.effective_pack_payload_hash ?? ''
    if (how === 'gone') workspace.payloads.delete(hash)
    else workspace.payloads.set(hash, Buffer.from('{}'))
    expect(() => replayPacks(recorded, workspace.reads.readPayload)).toThrowError(
      expect.objectContaining({
        code: 'REPLAY_PACK_UNAVAILABLE',
        details: { pack_id: first?.freshness.pack_id, decision_row: 'D00' },
      }),
    )
  })

  it.each([
    ['a malformed record', { decision_row: 'D99' }],
    ['an outcome the table does not give', { outcome: 'use_pack', decision_row: 'D00' }],
    ['an unknown field', { verified: true }],
  ])('refuses %s', async (_, changes) => {
    using call = await recordedCall()
    const { workspace, recorded } = call
    const altered = Object.assign({}, recorded[2], changes)
    expect(() => replayPacks([altered], workspace.reads.readPayload)).toThrowError(
      expect.objectContaining({ code: 'RECORD_INCONSISTENT' }),
    )
    expect(() => replayPacks([null], workspace.reads.readPayload)).toThrowError(/cannot be replayed/)
  })
})
