// Whether the egress connects where each policy says it may, and nowhere else: every row's base URL under every policy.
import { parseArgs } from 'node:util'

import { ProviderError } from '../../../packages/contracts/src/provider.ts'
import { startTrap } from '../../../packages/plugin-api/src/testing.ts'
import type { NetworkConfig } from '../../../packages/provider-kit/src/index.ts'
import { attempt } from './ssrf/attempt.ts'
import { readPolicies, recordsFor } from './ssrf/policy.ts'
import type { Policy } from './ssrf/policy.ts'
import { readUrlRows } from './ssrf/url-row.ts'
import type { UrlRow } from './ssrf/url-row.ts'

export interface Result {
  /** Rows times policies, without contested rows. */
  readonly total: number
  /** Reached although refused, or another address reached than the one that was checked. */
  readonly unsafe: number
  readonly overBlocked: number
  /** Ids of rows of which anything failed. */
  readonly failed: readonly string[]
  readonly contested: { readonly total: number; readonly unsafe: number; readonly overBlocked: number }
  readonly trapConnections: number
}

type Verdict = 'right' | 'unsafe' | 'overBlocked'

/** `--urls FILE` in JSON lines and `--policies FILE`; prints what failed under which policy. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { urls: { type: 'string' }, policies: { type: 'string' } },
  })
  if (values.urls === undefined || values.policies === undefined)
    throw new Error('Expected --urls FILE --policies FILE.')
  const policies = readPolicies(values.policies)
  const trap = await startTrap()
  const verdicts: { readonly row: UrlRow; readonly verdict: Verdict }[] = []
  try {
    for (const row of readUrlRows(values.urls)) {
      for (const [policyName, policy] of policies) {
        if (row.expect[policyName] === undefined) continue
        const verdict = await judge(row, policyName, policy, trap.port)
        verdicts.push({ row, verdict })
        if (verdict !== 'right')
          console.log(`${verdict}${row.contested ? ' (contested)' : ''}: ${row.id} under ${policyName}`)
      }
    }
    const judged = verdicts.filter(({ row }) => !row.contested)
    const failed = judged.filter(({ verdict }) => verdict !== 'right').map(({ row }) => row.id)
    return {
      ...counts(judged),
      failed: [...new Set(failed)],
      contested: counts(verdicts.filter(({ row }) => row.contested)),
      trapConnections: trap.connections,
    }
  } finally {
    await trap.close()
  }
}

function counts(verdicts: readonly { readonly verdict: Verdict }[]) {
  const having = (wanted: Verdict): number => verdicts.filter(({ verdict }) => verdict === wanted).length
  return { total: verdicts.length, unsafe: having('unsafe'), overBlocked: having('overBlocked') }
}

async function judge(row: UrlRow, policyName: string, policy: Policy, trapPort: number): Promise<Verdict> {
  const allowed = row.expect[policyName] === 'allow'
  // The first hop of a chain may be reached; what it points to may not.
  const permitted = allowed || row.redirects.length > 0 ? 1 : 0
  let answered = false
  for (const record of recordsOf(row, policyName, policy)) {
    // Where people do not agree nothing is trapped: what was reached is counted all the same.
    const outcome = await attempt(row, record, row.contested ? Infinity : permitted, trapPort)
    const elsewhere = outcome.connections.flat().some((address) => row.must_connect_to?.includes(address) === false)
    if (outcome.connections.length > permitted || elsewhere || (outcome.answered && !allowed)) return 'unsafe'
    answered ||= outcome.answered
  }
  return answered === allowed ? 'right' : 'overBlocked'
}

function recordsOf(row: UrlRow, policyName: string, policy: Policy): readonly NetworkConfig[] {
  try {
    return recordsFor(policyName, policy, row.url)
  } catch (error) {
    // No record can hold this base URL.
    if (error instanceof ProviderError) return []
    throw error
  }
}
