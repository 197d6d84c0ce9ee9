import { describe, expect, test } from 'vitest'

import {
  chainOf,
  decisionsOf,
  definition,
  FALSE_CLAIM,
  PASSED,
  play,
  planOf,
  type Played,
  type Script,
} from '../../test/support/loop.ts'

/** Two false claims exhaust the first level; everything above succeeds. */
const TWO_FAIL = (_: unknown, number: number) => (number <= 2 ? FALSE_CLAIM : PASSED)

function climb(models: readonly string[], script: Partial<Script>): Promise<Played> {
  const policy = { escalation_chain: chainOf(...models), cloud_escalation_allowed: true }
  return play(planOf([definition(1)], policy), { attempt: TWO_FAIL, ...script })
}

describe('a cloud level (MT-028)', () => {
  test('is a child run: nothing is swapped for it, and its reply is judged like any other', async () => {
    const { children, events, state } = await climb(['small', 'cloud-1'], {})
    expect(children).toEqual(['child-1'])
    expect(decisionsOf(events)).toEqual(['MT-001@0 retry', 'MT-001@0 escalate', 'MT-001@1 complete'])
    expect([state.end?.status, state.totals.swaps, state.loadedModel]).toEqual(['completed', 0, 'small'])
  })

  test('is another child run for every attempt', async () => {
    const attempt = (_: unknown, number: number) => (number <= 3 ? FALSE_CLAIM : PASSED)
    expect((await climb(['small', 'cloud-1'], { attempt })).children).toEqual(['child-1', 'child-2'])
  })

  test('leaves the local model where it is: dropping back needs no swap', async () => {
    const policy = {
      escalation_chain: chainOf('small', 'cloud-1'),
      cloud_escalation_allowed: true,
      drop_back_strategy: 'always' as const,
    }
    const { state, requests } = await play(planOf([definition(1), definition(2)], policy), { attempt: TWO_FAIL })
    expect(requests.map(({ modelId }) => modelId)).toEqual(['small', 'small', 'cloud-1', 'small'])
    expect([state.totals.swaps, state.totals.dropBacks]).toEqual([0, 1])
  })
})

test.each([
  ['goes to the cloud level', ['small', 'large', 'cloud-1'], ['small', 'small', 'cloud-1'], 'completed'],
  ['ends the job where the chain has none', ['small', 'large'], ['small', 'small'], 'failed'],
])('T-X-SWAP-02: a swap that failed under `escalate_to_cloud` %s (SWAP-022)', async (_, models, asked, status) => {
  const { requests, state } = await climb(models, {
    swap: () => ({ status: 'failed', code: 'CX-MM-003', reason: 'no room', escalate_to_cloud: true }),
  })
  expect([requests.map(({ modelId }) => modelId), state.end?.status]).toEqual([asked, status])
})

describe('a child run that made no call', () => {
  test.each<[string, readonly string[], string, readonly string[]]>([
    ['goes to the next model of the chain', ['small', 'cloud-1', 'large'], 'completed', ['small', 'small', 'large']],
    ['asks a person at a gate', ['small', 'cloud-1', 'GATE'], 'failed', ['small', 'small']],
    ['ends the job where nothing stands above', ['small', 'cloud-1'], 'failed', ['small', 'small']],
  ])('counts no iteration and %s (MT-013)', async (_, models, status, asked) => {
    const { state, requests, gates } = await climb(models, { refuse: () => 'denied' })
    expect([state.end?.status, requests.map(({ modelId }) => modelId)]).toEqual([status, asked])
    expect(gates).toHaveLength(models.includes('GATE') ? 1 : 0)
    expect(state.totals.iterations).toBe(asked.length)
  })

  test('is asked for anew, under another name, when a person goes on at the gate', async () => {
    const { children, state } = await climb(['small', 'cloud-1', 'GATE'], {
      refuse: ({ key }) => (key === 'child-1' ? 'denied' : undefined),
      answer: () => 'continue',
    })
    expect([children, state.end?.status]).toEqual([['child-1', 'child-2'], 'completed'])
  })

  test('for want of tokens waits for a person, whatever stands above', async () => {
    const { gates, events } = await climb(['small', 'cloud-1', 'large'], { refuse: () => 'budget' })
    expect(gates).toEqual(['gate-1/token_limit/MT-001'])
    expect(events.map(({ type }) => type)).toContain('micro_task_hard_gate')
  })

  test('for want of tokens is asked for anew with as many again as the job began with (MT-051)', async () => {
    const { children, state } = await climb(['small', 'cloud-1', 'GATE'], {
      refuse: ({ key }) => (key === 'child-1' ? 'budget' : undefined),
      answer: () => 'continue',
    })
    expect([children, state.granted.tokens]).toEqual([['child-1', 'child-2'], 20 * 4096])
    expect(state.end?.status).toBe('completed')
  })
})
