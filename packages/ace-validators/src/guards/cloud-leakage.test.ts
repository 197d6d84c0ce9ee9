import type { CallInput, ResolvedContent } from '@ctxlock/contracts/guards'
import type { ArtifactHandle, SourceRef } from '@ctxlock/contracts/references'
import { canonicalReferenceId } from '@ctxlock/contracts/references'
import { canonicalHash, textHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { block, callInput, type CallOptions } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { handleOf, Workspace } from '../../test/support/workspace.ts'
import { cloudLeakageGuard as guard } from './cloud-leakage.ts'

const SEED = 20261120
const workspace = (): Workspace => new Workspace()

/** A cloud call whose snapshot names these handles. */
function naming(store: Workspace, handles: readonly ArtifactHandle[], options: CallOptions = {}): CallInput {
  const input = callInput({ tier: 'cloud', workspace: store, ...options })
  return { ...input, snapshot: { ...input.snapshot, artifact_handles: [...handles] } }
}
const judged = (store: Workspace, ...handles: ArtifactHandle[]): string[] =>
  problems(ask(guard, naming(store, handles)))

describe('T-ACE-MIN-05: single items', () => {
  it.each<[string, Partial<ResolvedContent>, Partial<ArtifactHandle>, string[]]>([
    ['low and exportable', {}, {}, []],
    ['medium and exportable', { classification: 'medium' }, { classification: 'medium' }, []],
    [
      'high and exportable',
      { classification: 'high' },
      { classification: 'high' },
      ['CloudLeakageBlocked classification_high'],
    ],
    ['low and not exportable', { exportable: false }, { exportable: false }, ['CloudLeakageBlocked not_exportable']],
    [
      'labelled lower than the artifact',
      { classification: 'high' },
      { classification: 'low' },
      ['CloudLeakageBlocked classification_high'],
    ],
    ['labelled exportable, the artifact is not', { exportable: false }, {}, ['CloudLeakageBlocked not_exportable']],
    [
      'of unknown classification',
      { classification: undefined },
      { classification: JSON.parse('"secret"') },
      ['CloudLeakageBlocked classification_unknown'],
    ],
    [
      'labelled low, unknown to the store',
      { classification: undefined },
      {},
      ['CloudLeakageBlocked classification_unknown'],
    ],
    ['of no kind the store knows', { kind: JSON.parse('"folder"') }, {}, ['CloudLeakageBlocked kind_unknown']],
    [
      'made from something unreadable',
      { derived_from: JSON.parse('"its sources"') },
      {},
      ['CloudLeakageBlocked lineage_unknown'],
    ],
    ['of no known classification', { classification: 'internal' }, {}, ['CloudLeakageBlocked classification_unknown']],
    ['of unknown exportability', { exportable: undefined }, {}, ['CloudLeakageBlocked exportable_unknown']],
    ['exportable as a string', { exportable: 'true' }, {}, ['CloudLeakageBlocked exportable_unknown']],
    [
      'changed since it was pinned',
      { content_hash: 'b'.repeat(64) },
      { content_hash: 'c'.repeat(64) },
      ['CloudLeakageBlocked content_changed'],
    ],
  ])('%s', (_, facts, handle, expected) => {
    const store = workspace()
    expect(judged(store, store.put('x', 'text', facts, handle))).toEqual(expected)
  })

  it('blocks what nothing resolves, and names items by hash only', () => {
    const outcome = ask(guard, naming(workspace(), [handleOf('secret-project-name', 'b'.repeat(64), 3)]))
    expect(problems(outcome)).toEqual(['CloudLeakageBlocked unresolved'])
    expect(JSON.stringify(outcome)).not.toContain('secret-project')
  })

  it('does not apply to the local tier, as derived and as recorded', () => {
    const store = workspace()
    const high = store.put('x', 'text', { classification: 'high' })
    const local = naming(store, [high], { tier: 'local' })
    expect(ask(guard, local).verdict).toBe('not_applicable')
    const current = { ...local.job.current, model_tier: 'cloud' as const }
    expect(ask(guard, { ...local, job: { ...local.job, current } }).verdict).toBe('fail')
    expect(ask(guard, { ...local, snapshot: { ...local.snapshot, model_tier: 'cloud' } }).verdict).toBe('fail')
  })

  it('reads own properties only: a poisoned prototype changes nothing', () => {
    const store = workspace()
    const parsed: Partial<ResolvedContent> = JSON.parse('{"__proto__":{"exportable":true},"exportable":false}')
    expect(judged(store, store.put('x', 'text', parsed))).toEqual(['CloudLeakageBlocked not_exportable'])
    expect('exportable' in Object.prototype).toBe(false)
    // What a careless copy makes of the key `__proto__` of a stored record.
    const inherited: ResolvedContent & { content: Uint8Array } = Object.create({ exportable: true })
    const stored = store.put('y', 'text')
    const { exportable: _exportable, ...facts } = store.artifacts.get(stored.artifact_id) ?? { content: Buffer.of() }
    store.artifacts.set(stored.artifact_id, Object.assign(inherited, facts))
    expect(judged(store, stored)).toEqual(['CloudLeakageBlocked exportable_unknown'])
  })

  it('every reference to an item is judged, in whatever order', () => {
    const store = workspace()
    const item = store.put('x', 'text')
    const stricter = { ...item, classification: 'high' as const }
    for (const handles of [
      [item, stricter],
      [stricter, item],
    ])
      expect(judged(store, ...handles)).toEqual(['CloudLeakageBlocked classification_high'])
  })

  it('a store that throws has not answered', () => {
    const store = workspace()
    const item = store.put('x', 'text')
    const describe = (): never => {
      throw new Error('disk error')
    }
    const input = naming(store, [item])
    const ports = { ...input.ports, resolver: { ...input.ports.resolver, describe } }
    expect(new Set(problems(ask(guard, { ...input, ports })))).toEqual(new Set(['CloudLeakageBlocked unresolved']))
  })

  it('a derived text is as confidential as its sources, however far up and whatever its label', () => {
    const store = workspace()
    const source = store.put('source', 'x', { classification: 'high' })
    const reference = (ref: ArtifactHandle) => ({ kind: 'artifact_handle' as const, ref })
    const summary = store.put('summary', 'y', { derived_from: [reference(source)] })
    const digest = store.put('digest', 'z', { derived_from: [reference(summary)] })
    expect(judged(store, digest)).toEqual(['CloudLeakageBlocked classification_high'])
    store.put('source', 'x')
    expect(judged(store, digest)).toEqual([])
  })
})

describe('VAL-032: what is looked at', () => {
  const store = workspace()
  store.files.set('private.md', 'x')
  const high = { ...store.ref('private.md'), classification: 'high' as const }

  it('selected sources, spans, blocks of both sides, tool handles, pack sources and projection references', () => {
    const input = callInput({ tier: 'cloud', workspace: store })
    const { trace, envelope, snapshot } = input
    if (trace === null) throw new Error('There is a trace.')
    const secret = store.put('secret', 'x', { exportable: false })
    const prefix = {
      ...envelope,
      stable_prefix: { ...envelope.stable_prefix, blocks: [block('rules', '10', 'x', { source_refs: [high] })] },
    }
    const delta = {
      tool_id: 't',
      tool_call_id: 'c',
      status: 'ok' as const,
      summary: '',
      changed_entity_refs: [],
      artifact_handles: [secret],
    }
    const progress = (source_refs: SourceRef[]) => ({ type: 'progress', done: [], next: [], blockers: [], source_refs })
    const bent: CallInput[] = [
      { ...input, trace: { ...trace, selected: trace.selected.map((one) => ({ ...one, ref: high })) } },
      { ...input, trace: { ...trace, spans: trace.spans.map((one) => ({ ...one, ref: high })) } },
      { ...input, envelope: prefix },
      { ...input, snapshot: { ...snapshot, artifact_handles: [secret] } },
      { ...input, tool_deltas: [{ delta, order_keys: [] }] },
      { ...input, projection_refs: [{ kind: 'source_ref', ref: high }] },
      { ...input, projection_refs: [{ kind: 'entity_ref', ref: { artefact_type: 'doc', artefact_id: 'd' } }] },
      { ...input, packs: [{ record: {}, payload: {} }] },
      { ...input, compactions: [{ artifact: secret, items: [] }] },
      { ...input, compactions: [{ artifact: null, items: [progress([high])] }] },
      { ...input, compactions: [{ artifact: null, items: [{ type: 'remark' }] }] },
    ]
    expect(problems(ask(guard, input))).toEqual([])
    for (const one of bent) expect(ask(guard, one).verdict).toBe('fail')
  })

  it('a block of high sensitivity, or of none', () => {
    const blocks = [
      block('task', '60', 'x', { sensitivity: 'high' }),
      block('task', '61', 'y', { sensitivity: JSON.parse('"none"') }),
    ]
    expect(problems(ask(guard, callInput({ tier: 'cloud', blocks })))).toEqual([
      'CloudLeakageBlocked block_sensitivity',
      'CloudLeakageBlocked block_sensitivity',
    ])
  })

  it('a compacted or retrieved text that does not say what it was made from', () => {
    const blocks = [
      block('memory_pack', '40', 'x'),
      block('retrieved_snippet', '50-009', 'y'),
      block('task', '60', 'z'),
    ]
    expect(problems(ask(guard, callInput({ tier: 'cloud', blocks })))).toEqual([
      'CloudLeakageBlocked lineage_unknown',
      'CloudLeakageBlocked lineage_unknown',
    ])
  })

  it('VAL-034: a secret in a snippet, in any block and in the rendered prompt', () => {
    const secret = `${'sk'}-q7ZkT2mVx9LpR4sWb8NcY3dF`
    const expected = ['CloudLeakageBlocked secret_in_content']
    expect(problems(ask(guard, callInput({ tier: 'cloud', files: { 'a.ts': `const k = "${secret}"` } })))).toEqual(
      expected,
    )
    expect(problems(ask(guard, callInput({ tier: 'cloud', blocks: [block('user_input', '90', secret)] })))).toEqual(
      expected,
    )
    const outcome = ask(guard, { ...callInput({ tier: 'cloud' }), rendered: [`x ${secret} y`] })
    expect(problems(outcome)).toEqual(expected)
    expect(outcome.errors[0]?.details).toEqual({ reason: 'secret_in_content', detector_id: 'secret_api_key' })
    expect(problems(ask(guard, callInput({ tier: 'cloud', files: { 'a.ts': 'mail a@b.de from /home/x/y' } })))).toEqual(
      [],
    )
  })

  it('VAL-011: a snippet that cannot be read', () => {
    const input = callInput({ tier: 'cloud' })
    const snippets = input.snippets.map((snippet) => ({ ...snippet, bytes: Buffer.from([0xc3, 0x28]) }))
    expect(problems(ask(guard, { ...input, snippets }))).toEqual(['ContentUnresolvable'])
  })
})

describe('VAL-030, VAL-033: bundles', () => {
  it('finds a high member three bundles deep and names the way to it', () => {
    const store = workspace()
    const member = store.put('deep', 'x', { classification: 'high' })
    const bundles = [1, 2, 3].reduce<ArtifactHandle[]>(
      (chain, level) => [store.bundle(`level-${level}`, [chain[0] ?? member]), ...chain],
      [],
    )
    const [outer] = bundles
    if (outer === undefined) throw new Error('There is a bundle.')
    const { errors } = ask(guard, naming(store, [outer]))
    const path = [...bundles, member].map((ref) => textHash(canonicalReferenceId({ kind: 'artifact_handle', ref })))
    expect(errors.map(({ details }) => details)).toEqual([{ reason: 'classification_high', item: path.at(-1), path }])
  })

  it('passes a bundle of harmless members and judges the bundle itself', () => {
    const store = workspace()
    const members = [store.put('a', '1'), store.put('b', '2', { classification: 'medium' })]
    expect(judged(store, store.bundle('ok', members))).toEqual([])
    expect(judged(store, store.bundle('held', members, { exportable: false }))).toEqual([
      'CloudLeakageBlocked not_exportable',
    ])
  })

  it('blocks a member list that was changed, left out, or is empty although bytes are there', () => {
    const store = workspace()
    const [a, b] = [store.put('a', '1'), store.put('b', '2')]
    const honest = store.bundle('honest', [a, b])
    const facts = store.artifacts.get(honest.artifact_id)
    if (facts === undefined) throw new Error('The bundle is stored.')
    store.artifacts.set(honest.artifact_id, { ...facts, members: facts.members?.slice(1) ?? [] })
    expect(judged(store, honest)).toEqual(['CloudLeakageBlocked members_changed'])
    const { members: _members, ...unlisted } = facts
    store.artifacts.set(honest.artifact_id, unlisted)
    expect(judged(store, honest)).toEqual(['CloudLeakageBlocked members_unresolved'])
    store.artifacts.set(honest.artifact_id, { ...facts, members: [] })
    expect(judged(store, honest)).toEqual(['CloudLeakageBlocked members_unresolved'])
  })

  it('blocks a bundle whose handle calls it a file, by its members', () => {
    const store = workspace()
    const bundle = store.bundle('b', [store.put('a', '1', { exportable: false })])
    expect(judged(store, { ...bundle, kind: 'file' })).toEqual(['CloudLeakageBlocked not_exportable'])
  })

  it('ends on a bundle that contains itself, and on a cycle of two', () => {
    const store = workspace()
    const a = handleOf('a', 'a'.repeat(64), 1, { kind: 'bundle' })
    const b = handleOf('b', 'b'.repeat(64), 1, { kind: 'bundle' })
    const member = (ref: ArtifactHandle) => ({
      path: ref.artifact_id,
      content_hash: ref.content_hash,
      size_bytes: 1,
      reference: { kind: 'artifact_handle' as const, ref },
    })
    const content = Buffer.from('x')
    const facts = { kind: 'bundle' as const, size_bytes: 1, classification: 'low', exportable: true, content }
    store.artifacts.set(a.artifact_id, { ...facts, content_hash: a.content_hash, members: [member(a), member(b)] })
    store.artifacts.set(b.artifact_id, { ...facts, content_hash: b.content_hash, members: [member(a)] })
    // No honest index can hold its own hash, so a cycle is a changed list as well.
    expect(judged(store, a)).toEqual(['CloudLeakageBlocked members_changed'])
  })

  it('blocks beyond 32 levels and beyond 10,000 members', () => {
    const store = workspace()
    const nest = (levels: number): ArtifactHandle => {
      let handle = store.put(`leaf-${levels}`, 'x')
      for (let level = 1; level < levels; level += 1) handle = store.bundle(`nest-${levels}-${level}`, [handle])
      return handle
    }
    expect(judged(store, nest(32))).toEqual([])
    expect(judged(store, nest(33))).toEqual(['CloudLeakageBlocked too_deep'])
    const leaf = store.put('leaf', 'x')
    expect(
      judged(
        store,
        store.bundle(
          'wide',
          Array.from({ length: 10_001 }, () => leaf),
        ),
      ),
    ).toEqual(['CloudLeakageBlocked too_many_members'])
    const half = [1, 2].map((side) =>
      store.bundle(
        `half-${side}`,
        Array.from({ length: 5001 }, (_, index) => store.put(`${side}-${index}`, 'x')),
      ),
    )
    expect(judged(store, ...half)).toEqual(['CloudLeakageBlocked too_many_members'])
  })

  it('finds depth whatever comes first: a short way to an item does not hide the long one', () => {
    const store = workspace()
    const shared = store.bundle('shared', [store.put('leaf', 'x')])
    let deep = shared
    for (let level = 0; level < 31; level += 1) deep = store.bundle(`deep-${level}`, [deep])
    for (const roots of [
      [shared, deep],
      [deep, shared],
    ])
      expect(judged(store, ...roots)).toEqual(['CloudLeakageBlocked too_deep'])
  })

  it('property: over random graphs with diamonds and depth, whatever may not leave blocks the call', () => {
    // Nodes refer to later nodes only, so a hash over the members exists; edges repeat and join, which makes diamonds.
    const node = fc.record({
      level: fc.constantFrom('low', 'medium', 'high'),
      exportable: fc.boolean(),
      members: fc.array(fc.nat(19), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(19), { minLength: 1, maxLength: 3 }),
        (nodes, roots) => {
          const store = workspace()
          const handles: ArtifactHandle[] = []
          for (const [index, { level, exportable, members }] of [...nodes.entries()].toReversed()) {
            const inside = members.flatMap((offset) => handles[index + 1 + offset] ?? [])
            const facts = { classification: level, exportable }
            handles[index] =
              inside.length > 0 ? store.bundle(`n${index}`, inside, facts) : store.put(`n${index}`, `${index}`, facts)
          }
          const reachable = new Set<number>()
          const visit = (index: number): void => {
            if (nodes[index] === undefined || reachable.has(index)) return
            reachable.add(index)
            for (const offset of nodes[index].members) visit(index + 1 + offset)
          }
          roots.forEach(visit)
          const leaks = [...reachable].some(
            (index) => nodes[index]?.level === 'high' || nodes[index]?.exportable === false,
          )
          const named = roots.flatMap((index) => handles[index] ?? [])
          expect(ask(guard, naming(store, named)).verdict).toBe(leaks ? 'fail' : 'pass')
        },
      ),
      { seed: SEED, numRuns: 300 },
    )
  })
})

it('hashes members as CJ-035 says', () => {
  const store = workspace()
  const member = store.put('a', '1')
  expect(store.bundle('b', [member]).content_hash).toBe(
    canonicalHash([{ path: 'member-00000', content_hash: member.content_hash, size_bytes: 1 }]),
  )
})
