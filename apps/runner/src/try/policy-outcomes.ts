import { createRedactor } from '@ctxlock/ace-validators/redactor'
import type { ListableArtifactStore } from '@ctxlock/artifact-store'
import { buildContextPack, prepareExtractors } from '@ctxlock/context-pack'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import {
  checkPacks,
  effectiveRegeneration,
  parsePolicy,
  refuseStaleCall,
  summarise,
  type FreshnessReads,
} from '@ctxlock/freshness-guard'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { asCommandError } from '../failure/failure.ts'
import { discardingStore } from '../lock/discarding-store.ts'
import { configuredExtractors } from '../packs/extractors.ts'
import { loadConfig } from '../workspace/config-file.ts'

export interface PolicyOutcome {
  readonly stale_handling: 'fallback' | 'degrade_and_fallback' | 'fail'
  /** Is a fresh pack demanded; without that the handling has no say (FG-025). */
  readonly regen_required: boolean
  readonly outcome: string
  /** The row of the decision table (FG-027). */
  readonly decision_row: string
  readonly warnings: readonly string[]
  /** What a governed call under this policy exits with. */
  readonly exit: ExitCode
}

const POLICIES = [
  { regen_allowed: false, regen_required: false, stale_handling: 'fallback' },
  { regen_allowed: false, regen_required: true, stale_handling: 'degrade_and_fallback' },
  { regen_allowed: false, regen_required: true, stale_handling: 'fail' },
] as const

/**
 * What each policy makes of the pack of a file that was built in one folder and is used in another, where the file changed:
 * the guard's own decisions. Empty when the file has no pack.
 */
export async function policyOutcomes(path: string, builtIn: string, usedIn: string): Promise<PolicyOutcome[]> {
  const payloads = new Map<string, Uint8Array>()
  const record = await packRecord(path, builtIn, payloads)
  if (!record) return []
  const reads: FreshnessReads = {
    reader: createWorkspaceReader(usedIn),
    readPayload: (hash) => payloads.get(hash) ?? new Uint8Array(),
  }
  const gates = {
    capability: true,
    consent: false,
    builder: { deterministic: true, callsCloudModel: false, touchesNonExportableSources: false },
    determinismMode: 'strict' as const,
  }
  const { clock, timers } = nodeEnvironment
  return Promise.all(
    POLICIES.map(async (wanted) => {
      const policy = parsePolicy(wanted)
      const rules = { policy, regeneration: effectiveRegeneration(policy, gates) }
      const regenerate = () => Promise.reject(new Error('This policy allows no rebuild.'))
      const checked = await checkPacks([{ record }], rules, reads, { clock, timers, regenerate })
      const records = checked.map(({ freshness }) => freshness)
      const { warnings, degraded } = summarise(records, rules)
      const { stale_handling, regen_required } = wanted
      const { outcome = 'fallback', decision_row = '' } = records[0] ?? {}
      return {
        stale_handling,
        regen_required,
        outcome,
        decision_row,
        warnings,
        exit: exitOf(() => refuseStaleCall(records), degraded),
      }
    }),
  )
}

async function packRecord(path: string, root: string, payloads: Map<string, Uint8Array>) {
  const { config } = loadConfig(root)
  const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
  await prepareExtractors(extractors, [path])
  const store: ListableArtifactStore = {
    ...discardingStore,
    put(bytes, options) {
      const handle = discardingStore.put(bytes, options)
      payloads.set(handle.content_hash, bytes)
      return handle
    },
  }
  const result = buildContextPack({
    path,
    extractors,
    store,
    reader: createWorkspaceReader(root),
    redactor: createRedactor(),
    limits: { maxSourceBytes: config.sources.maxFileBytes },
    clock: nodeEnvironment.clock,
    tokenCounter: codePointsPerFour,
  })
  return result.status === 'not_packed' ? undefined : result.record
}

function exitOf(refuse: () => void, degraded: boolean): ExitCode {
  try {
    refuse()
    return degraded ? EXIT_CODE.degraded : EXIT_CODE.done
  } catch (error) {
    return asCommandError(error).exit
  }
}
