import { describe, expect, it } from 'vitest'

import { ContextPackFreshnessRecord, type ContextPackPolicy } from '@ctxlock/contracts/freshness'

import { createTime, createWorkspace, options, packOf, rules, type Workspace } from './__fixtures__/workspace.ts'
import { checkPack, checkPacks, recheckPacks } from './check.ts'
import { refuseStaleCall, warningTokens } from './recorded-decision.ts'
import type { Regenerate } from './regeneration.ts'
import { targetId } from './stored-pack.ts'
import { summarise } from './summary.ts'

const FILES = { a: 'one\n', b: 'two\n', c: 'three\n' }
const REQUIRED_FAIL: ContextPackPolicy = { regen_allowed: true, regen_required: true, stale_handling: 'fail' }
const REQUIRED_DEGRADE: ContextPackPolicy = { ...REQUIRED_FAIL, stale_handling: 'degrade_and_fallback' }

/** A workspace with one pack of file `a`, and the file changed since. */
function staleWorkspace() {
  const workspace = createWorkspace(FILES)
  const record = workspace.pack(['a'])
  workspace.write('a', 'changed\n')
  return { workspace, record, [Symbol.dispose]: () => workspace[Symbol.dispose]() }
}

const rebuild =
  (workspace: Workspace, path = 'a'): Regenerate =>
  () =>
    workspace.pack([path])

describe('checkPack', () => {
  it('records a fresh pack and hands back what was verified', async () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['a', 'b'])
    const checked = await checkPack({ record }, rules(), workspace.reads, options({ regenerate: rebuild(workspace) }))
    expect(checked.pack?.record).toEqual(record)
    expect(checked.tampered).toBe(false)
    expect(ContextPackFreshnessRecord.parse(checked.freshness)).toEqual({
      pack_id: record.pack_id,
      target: '["source_ref","span","file:a",null,null]',
      pack_payload_hash: record.payload_hash,
      context_pack_stale_detected: false,
      context_pack_stale_reason: null,
      stale_sources: [],
      context_pack_regen_allowed: true,
      context_pack_regen_allowed_policy: true,
      context_pack_regen_denied_by: null,
      context_pack_regen_required: false,
      context_pack_stale_handling: 'fallback',
      context_pack_regen_attempted: false,
      context_pack_regen_performed: false,
      regen_outcome: 'not_attempted',
      outcome: 'use_pack',
      effective_pack_payload_hash: record.payload_hash,
      decision_row: 'D00',
    })
  })

  it('rebuilds a stale pack once and uses the new one (FG-014, FG-015)', async () => {
    using stale = staleWorkspace()
    let attempts = 0
    const regenerate: Regenerate = (request) => {
      attempts += 1
      expect(request.record).toEqual(stale.record)
      return stale.workspace.pack(['a'])
    }
    const checked = await checkPack({ record: stale.record }, rules(), stale.workspace.reads, options({ regenerate }))
    expect(attempts).toBe(1)
    expect(checked.freshness).toMatchObject({
      decision_row: 'D10',
      outcome: 'use_regenerated',
      pack_id: stale.record.pack_id,
      pack_payload_hash: stale.record.payload_hash,
      context_pack_stale_detected: true,
      context_pack_stale_reason: 'hash_mismatch',
      stale_sources: [
        {
          source_id: 'file:a',
          recorded_hash: stale.record.source_hashes[0],
          current_hash: checked.pack?.record.source_hashes[0],
        },
      ],
      context_pack_regen_performed: true,
      effective_pack_payload_hash: checked.pack?.record.payload_hash,
    })
    expect(checked.pack?.record.payload_hash).not.toBe(stale.record.payload_hash)
  })

  it('T-X-FG-02 falls back by default, not degraded, when there is no builder (FG-002)', async () => {
    using stale = staleWorkspace()
    const checked = await checkPack({ record: stale.record }, rules(), stale.workspace.reads, options())
    expect(checked.pack).toBeUndefined()
    expect(checked.freshness).toMatchObject({
      decision_row: 'D07',
      outcome: 'fallback',
      effective_pack_payload_hash: null,
    })
    const call = summarise([checked.freshness], rules())
    expect(call).toMatchObject({ degraded: false, outcome: 'fallback', warnings: ['context_pack_stale:fallback'] })
  })

  it('T-X-FG-03 fails a call whose required rebuild fails (FG-022, FG-023, FG-042)', async () => {
    using stale = staleWorkspace()
    const broken = new Error('builder crashed')
    const regenerate = () => {
      throw broken
    }
    const checked = await checkPack(
      { record: stale.record },
      rules(REQUIRED_FAIL),
      stale.workspace.reads,
      options({ regenerate }),
    )
    expect(checked.freshness).toMatchObject({
      decision_row: 'D28',
      outcome: 'fail',
      context_pack_regen_attempted: true,
    })
    expect(checked.regenerationError).toBe(broken)
    expect(checked.pack).toBeUndefined()
    expect(() => refuseStaleCall([checked.freshness])).toThrowError(
      expect.objectContaining({
        code: 'ContextPackStale',
        details: { pack_id: stale.record.pack_id, reason: 'hash_mismatch', decision_row: 'D28' },
      }),
    )
  })

  it('T-X-FG-04 records policy value, effective value and the gate that denied (FG-004)', async () => {
    using stale = staleWorkspace()
    const denied = rules({}, { capability: false })
    const regenerate = () => expect.unreachable('the builder must not run')
    const checked = await checkPack({ record: stale.record }, denied, stale.workspace.reads, options({ regenerate }))
    expect(checked.freshness).toMatchObject({
      decision_row: 'D01',
      context_pack_regen_allowed: false,
      context_pack_regen_allowed_policy: true,
      context_pack_regen_denied_by: 'capability',
    })
  })

  it('never runs a builder that is not deterministic in strict mode (FG-019)', async () => {
    using stale = staleWorkspace()
    const builder = { deterministic: false, callsCloudModel: false, touchesNonExportableSources: false }
    const strict = rules(REQUIRED_DEGRADE, { builder })
    const regenerate = () => expect.unreachable('the builder must not run')
    const checked = await checkPack({ record: stale.record }, strict, stale.workspace.reads, options({ regenerate }))
    expect(checked.freshness).toMatchObject({ decision_row: 'D05', context_pack_regen_denied_by: 'determinism' })
  })

  it('T-X-FG-08 flags tampered bytes for a security event and lets a rebuild replace them (FG-009)', async () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['a'])
    workspace.payloads.set(record.payload_hash, Buffer.from('{}'))
    const checked = await checkPack({ record }, rules(), workspace.reads, options())
    expect(checked).toMatchObject({ tampered: true, freshness: { context_pack_stale_reason: 'payload_hash_mismatch' } })
    expect(warningTokens([checked.freshness])).toEqual([
      'context_pack_stale:fallback',
      'context_pack_invalid:payload_hash_mismatch',
    ])
    const rebuilt = await checkPack({ record }, rules(), workspace.reads, options({ regenerate: rebuild(workspace) }))
    expect(rebuilt).toMatchObject({ tampered: true, freshness: { outcome: 'use_regenerated' } })
  })

  it('calls a pack of another release invalid, not tampered with', async () => {
    using workspace = createWorkspace(FILES)
    const record = { ...workspace.pack(['a']), schema_version: 'hsk.context_pack_record@2' }
    const checked = await checkPack({ record }, rules(), workspace.reads, options())
    expect(checked).toMatchObject({ tampered: false, freshness: { context_pack_stale_reason: 'schema_unsupported' } })
  })
})

describe('a target that carries the hash it was built from (CP-023)', () => {
  it('is the same target after a rebuild', async () => {
    using workspace = createWorkspace(FILES)
    const build = () => {
      const { sources } = workspace.pack(['a'])
      const [source] = sources
      const ref = { kind: 'span', id: 'file:a', hash: source?.source_hash ?? '' } as const
      return packOf({ ref_type: 'source_ref', ref }, sources, workspace.store)
    }
    const record = build()
    workspace.write('a', 'changed\n')
    const checked = await checkPack({ record }, rules(), workspace.reads, options({ regenerate: build }))
    expect(checked.freshness).toMatchObject({ outcome: 'use_regenerated', target: targetId(record.target) })
    expect(recheckPacks([checked], rules(), workspace.reads)).toEqual([checked])
  })
})

describe('whether a rebuild is attempted (FG-015, FG-017)', () => {
  const never = () => expect.unreachable('the builder must not run')
  it.each([
    ['refresh_on_stale is off', { refreshOnStale: false }],
    ['no tool call is left', { takeToolCall: () => false }],
    ['the job has no time left', { timeoutMs: 0 }],
    ['the job is cancelled', { signal: AbortSignal.abort() }],
  ])('not when %s', async (_, changes) => {
    using stale = staleWorkspace()
    const checked = await checkPack(
      { record: stale.record },
      rules(),
      stale.workspace.reads,
      options({ regenerate: never, ...changes }),
    )
    expect(checked.freshness).toMatchObject({ regen_outcome: 'not_attempted', context_pack_regen_attempted: false })
  })

  it('when required, even with refresh_on_stale off', async () => {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    const changes = { refreshOnStale: false, regenerate: rebuild(workspace) }
    const checked = await checkPack({ record }, rules(REQUIRED_FAIL), workspace.reads, options(changes))
    expect(checked.freshness.decision_row).toBe('D30')
  })

  it('takes one tool call per attempt and none for a fresh pack', async () => {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    const fresh = workspace.pack(['b'])
    let left = 1
    const takeToolCall = () => left-- > 0
    const second = {
      ...workspace.pack(['c']),
      source_hashes: ['0'.repeat(64)],
      sources: [{ source_id: 'file:c', source_hash: '0'.repeat(64) }],
    }
    const checked = await checkPacks(
      [{ record: fresh }, { record }, { record: second }],
      rules(),
      workspace.reads,
      options({ takeToolCall, regenerate: rebuild(workspace) }),
    )
    expect(checked.map(({ freshness }) => freshness.regen_outcome)).toEqual([
      'not_attempted',
      'performed_fresh',
      'not_attempted',
    ])
  })
})

describe('what the builder does (FG-016)', () => {
  async function outcomeOf(regenerate: Regenerate, time = createTime(), signal?: AbortSignal) {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    const changes = { regenerate, clock: time.clock, timers: time.timers, ...(signal && { signal }) }
    const checked = await checkPack({ record }, rules(REQUIRED_DEGRADE), workspace.reads, options(changes))
    expect(time.pendingTimers()).toBe(0)
    const code = checked.regenerationError instanceof Error && Reflect.get(checked.regenerationError, 'code')
    return { outcome: checked.freshness.regen_outcome, row: checked.freshness.decision_row, code }
  }

  it('throws at once, or rejects later', async () => {
    const thrown = outcomeOf(() => {
      throw new Error('no disk')
    })
    const rejected = outcomeOf(() => Promise.reject(new Error('no disk')))
    expect(await thrown).toMatchObject({ outcome: 'attempted_failed', row: 'D24' })
    expect(await rejected).toMatchObject({ outcome: 'attempted_failed', row: 'D24' })
  })

  it.each([undefined, null, 'done', {}, { pack_id: 7 }])('returns %j, which is no pack', async (answer) => {
    expect(await outcomeOf(() => answer)).toMatchObject({ outcome: 'attempted_failed', code: 'PACK_UNIDENTIFIABLE' })
  })

  it('never answers: the timer ends it, its signal is aborted, its late answer is dropped', async () => {
    const time = createTime()
    const late = Promise.withResolvers<unknown>()
    let aborted = false
    const result = outcomeOf((_, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true))
      queueMicrotask(() => time.advance(10_000))
      return late.promise
    }, time)
    expect(await result).toMatchObject({ outcome: 'attempted_failed', code: 'REGENERATION_TIMEOUT' })
    expect(aborted).toBe(true)
    late.reject(new Error('too late to matter'))
    await late.promise.catch(() => undefined)
  })

  it('blocks the event loop past the limit, so that no timer can fire', async () => {
    const time = createTime()
    using workspace = createWorkspace(FILES)
    const result = outcomeOf(() => {
      time.block(10_001)
      return workspace.pack(['a'])
    }, time)
    expect(await result).toMatchObject({ outcome: 'attempted_failed', code: 'REGENERATION_TIMEOUT' })
  })

  it('is cancelled with the job', async () => {
    const controller = new AbortController()
    const result = outcomeOf(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')))
          controller.abort()
        }),
      createTime(),
      controller.signal,
    )
    expect(await result).toMatchObject({ outcome: 'attempted_failed', code: 'REGENERATION_CANCELLED' })
  })

  it('returns a pack that is stale again: performed, not fresh (decision 4)', async () => {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    const regenerate = () => {
      const built = workspace.pack(['a'])
      workspace.write('a', 'changed while building\n')
      return built
    }
    const checked = await checkPack({ record }, rules(REQUIRED_FAIL), workspace.reads, options({ regenerate }))
    expect(checked.freshness).toMatchObject({ decision_row: 'D29', outcome: 'fail', effective_pack_payload_hash: null })
    expect(checked.pack).toBeUndefined()
  })

  it('is not believed because of what was hashed before the rebuild', async () => {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    // The builder puts the file back and returns the old pack: fresh now, although the memo of this call says otherwise.
    const regenerate = () => {
      workspace.write('a', FILES.a)
      return record
    }
    const checked = await checkPack({ record }, rules(), workspace.reads, options({ regenerate }))
    expect(checked.freshness.outcome).toBe('use_regenerated')
  })

  it('returns a pack of another target, or one without its bytes: built, but nothing to use', async () => {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    const foreign = await checkPack(
      { record },
      rules(),
      workspace.reads,
      options({ regenerate: rebuild(workspace, 'b') }),
    )
    expect(foreign.freshness).toMatchObject({ regen_outcome: 'performed_still_stale', outcome: 'fallback' })
    const regenerate = () => {
      const built = workspace.pack(['a'])
      workspace.payloads.delete(built.payload_hash)
      return built
    }
    const hollow = await checkPack({ record }, rules(), workspace.reads, options({ regenerate }))
    expect(hollow).toMatchObject({ tampered: true, freshness: { regen_outcome: 'performed_still_stale' } })
  })
})

describe('checkPacks', () => {
  it('keeps the order, reads shared sources once and lets one stale pack spoil only itself', async () => {
    using workspace = createWorkspace(FILES)
    const packs = [workspace.pack(['a', 'c']), workspace.pack(['b', 'c']), workspace.pack(['c'])]
    workspace.write('b', 'changed\n')
    workspace.readPaths.length = 0
    const checked = await checkPacks(
      packs.map((record) => ({ record })),
      rules(),
      workspace.reads,
      options(),
    )
    expect(checked.map(({ freshness }) => freshness.outcome)).toEqual(['use_pack', 'fallback', 'use_pack'])
    expect(workspace.readPaths.toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('T-X-FG-06 fails the whole call for one failing pack (FG-030)', async () => {
    using workspace = createWorkspace(FILES)
    const records = [workspace.pack(['a']), workspace.pack(['b']), workspace.pack(['c'])]
    workspace.write('a', 'changed\n')
    workspace.write('b', 'changed\n')
    const regenerate: Regenerate = ({ record }) => {
      if (record === records[1]) throw new Error('no')
      return workspace.pack(['a'])
    }
    const checked = await checkPacks(
      records.map((record) => ({ record })),
      rules(REQUIRED_FAIL),
      workspace.reads,
      options({ regenerate }),
    )
    const freshness = checked.map((pack) => pack.freshness)
    expect(freshness.map((record) => record.outcome)).toEqual(['use_regenerated', 'fail', 'use_pack'])
    expect(summarise(freshness, rules(REQUIRED_FAIL))).toMatchObject({ outcome: 'fail', degraded: false })
    expect(() => refuseStaleCall(freshness)).toThrowError(expect.objectContaining({ code: 'ContextPackStale' }))
  })

  it('records hashes and ids only (FG-038)', async () => {
    using workspace = createWorkspace({ a: 'canary-source-text\n' })
    const record = workspace.pack(['a'])
    workspace.write('a', 'canary-source-text-2\n')
    const checked = await checkPacks([{ record }], rules(REQUIRED_DEGRADE), workspace.reads, options())
    expect(JSON.stringify(checked.map(({ freshness }) => freshness))).not.toMatch(/canary|A pack of/)
  })
})

describe('T-X-FG-05 recheckPacks (FG-011)', () => {
  it('withdraws a pack whose source changed since, without a second attempt', async () => {
    using workspace = createWorkspace(FILES)
    const records = [workspace.pack(['a']), workspace.pack(['b'])]
    const regenerate = () => expect.unreachable('the builder must not run')
    const first = await checkPacks(
      records.map((record) => ({ record })),
      rules(REQUIRED_DEGRADE),
      workspace.reads,
      options({ regenerate }),
    )
    workspace.write('a', 'changed\n')
    const second = recheckPacks(first, rules(REQUIRED_DEGRADE), workspace.reads)
    expect(second[0]?.pack).toBeUndefined()
    expect(second[0]?.freshness).toMatchObject({
      decision_row: 'D23',
      outcome: 'degrade_and_fallback',
      regen_outcome: 'not_attempted',
      context_pack_stale_reason: 'hash_mismatch',
      effective_pack_payload_hash: null,
    })
    expect(second[1]).toBe(first[1])
  })

  it('reads every source again, whatever the first check found (FG-012)', async () => {
    using workspace = createWorkspace(FILES)
    const checked = await checkPacks([{ record: workspace.pack(['a', 'b']) }], rules(), workspace.reads, options())
    workspace.readPaths.length = 0
    recheckPacks(checked, rules(), workspace.reads)
    expect(workspace.readPaths).toEqual(['a', 'b'])
  })

  it('notices that stored bytes were altered in between', async () => {
    using workspace = createWorkspace(FILES)
    const record = workspace.pack(['a'])
    const checked = await checkPacks([{ record }], rules(), workspace.reads, options())
    workspace.payloads.set(record.payload_hash, Buffer.from('{}'))
    expect(recheckPacks(checked, rules(), workspace.reads)[0]).toMatchObject({
      tampered: true,
      freshness: { outcome: 'fallback', context_pack_stale_reason: 'payload_hash_mismatch' },
    })
  })

  it('does not deny a rebuild that happened: a rebuilt pack gone stale counts as performed_still_stale', async () => {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    const first = await checkPacks(
      [{ record }],
      rules(REQUIRED_FAIL),
      workspace.reads,
      options({ regenerate: rebuild(workspace) }),
    )
    expect(first[0]?.freshness.outcome).toBe('use_regenerated')
    workspace.write('a', 'changed again\n')
    const [second] = recheckPacks(first, rules(REQUIRED_FAIL), workspace.reads)
    expect(second?.pack).toBeUndefined()
    expect(second?.freshness).toMatchObject({
      pack_id: record.pack_id,
      decision_row: 'D29',
      context_pack_regen_attempted: true,
      context_pack_regen_performed: true,
      effective_pack_payload_hash: null,
    })
  })

  it('leaves a pack that was not usable as it was, even if its source came back', async () => {
    using stale = staleWorkspace()
    const { workspace, record } = stale
    const first = await checkPacks([{ record }], rules(), workspace.reads, options())
    workspace.write('a', FILES.a)
    expect(recheckPacks(first, rules(), workspace.reads)).toEqual(first)
  })

  it('compares an entity pack with its source set as it is now', async () => {
    using workspace = createWorkspace(FILES)
    const target = { ref_type: 'entity_ref', ref: { artefact_type: 'doc', artefact_id: 'guide' } } as const
    const record = packOf(target, workspace.pack(['a', 'b']).sources, workspace.store)
    const currentSourceSet = ['file:a', 'file:b']
    const first = await checkPacks([{ record, currentSourceSet }], rules(), workspace.reads, options())
    expect(first[0]?.freshness.outcome).toBe('use_pack')
    currentSourceSet.push('file:c')
    expect(recheckPacks(first, rules(), workspace.reads)[0]?.freshness.context_pack_stale_reason).toBe(
      'source_set_changed',
    )
  })

  it('names the target that was asked for', async () => {
    using workspace = createWorkspace(FILES)
    const target = '["source_ref","span","file:b",null,null]'
    const [checked] = await checkPacks(
      [{ record: workspace.pack(['a']), target }],
      rules(REQUIRED_DEGRADE),
      workspace.reads,
      options(),
    )
    expect(checked?.freshness).toMatchObject({ target, context_pack_stale_reason: 'record_inconsistent' })
  })
})
