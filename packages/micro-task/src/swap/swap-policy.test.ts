import { describe, expect, it } from 'vitest'

import { SMALL } from '../__fixtures__/swap-world.ts'
import { afterSwap, DEFAULT_SWAP_POLICY, swapPolicyOf } from './swap-policy.ts'

const failed = { outcome: 'failure', model_id: SMALL } as const
const lost = { outcome: 'timeout', model_id: null } as const

describe('the policy of swaps', () => {
  it('allows ten in two minutes each and ends the job on failure where a job says nothing', () => {
    expect(swapPolicyOf({ extensions: [] })).toEqual(DEFAULT_SWAP_POLICY)
    const own = { ...DEFAULT_SWAP_POLICY, max_swaps_per_job: 1 }
    expect(swapPolicyOf({ extensions: [own] })).toBe(own)
  })

  it.each([
    ['abort', failed, 'HYBRID', 'abort'],
    ['continue_with_current', failed, 'HYBRID', 'continue_with_current'],
    ['continue_with_current', lost, 'HYBRID', 'abort'],
    ['escalate_to_cloud', failed, 'HYBRID', 'escalate_to_cloud'],
    ['escalate_to_cloud', failed, 'LOCKED', 'abort'],
    ['escalate_to_cloud', { ...failed, outcome: 'success' }, 'LOCKED', 'resume'],
  ] as const)('T-X-SWAP-02: %s after %o under %s: %s', (fallback_strategy, report, level, expected) => {
    expect(afterSwap({ fallback_strategy }, report, level)).toBe(expected)
  })
})
