import type { ProviderCapabilities } from '@ctxlock/contracts/provider'

import { API_VERSION } from '../../plugin.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { providerConformance } from './provider-conformance.ts'
import { withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'

/** What a provider plugin passed: JSON for a registry to show or a recorder to keep. Equal runs give equal reports. */
export interface ConformanceReport {
  readonly schema_version: 'ctxlock.conformance_report@0.1'
  readonly api_version: typeof API_VERSION
  readonly plugin: string
  readonly capabilities: ProviderCapabilities
  readonly total: number
  readonly passed: number
  readonly failed: number
  readonly cases: readonly CaseOutcome[]
}

export interface CaseOutcome {
  /** The first word of the case's name. */
  readonly group: string
  readonly name: string
  readonly outcome: 'pass' | 'fail'
  /** Why it failed: what was expected. */
  readonly reason?: string
}

const MAX_REASON = 300

/** Plays every case one after the other. Rejects only when the target itself is broken: its options or its context. */
export async function conformanceReport(target: ProviderTarget): Promise<ConformanceReport> {
  const capabilities = await withBench(target, [], ({ client }) => Promise.resolve(client.capabilities))
  const cases: CaseOutcome[] = []
  for (const each of providerConformance(target)) cases.push(await outcomeOf(each))
  const failed = cases.filter(({ outcome }) => outcome === 'fail').length
  return {
    schema_version: 'ctxlock.conformance_report@0.1',
    api_version: API_VERSION,
    plugin: target.plugin.name,
    capabilities,
    total: cases.length,
    passed: cases.length - failed,
    failed,
    cases,
  }
}

async function outcomeOf({ name, run }: ConformanceCase): Promise<CaseOutcome> {
  const [group = ''] = name.split(':')
  try {
    await run()
    return { group, name, outcome: 'pass' }
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : 'it threw something that is no error').split('\n')
    return { group, name, outcome: 'fail', reason: reason.slice(0, MAX_REASON) }
  }
}
