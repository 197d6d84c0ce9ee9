import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startModelServer, type ModelServer } from '../../../../apps/runner/test/support/model-server.ts'
import { writeFiles } from '../../write-files.ts'

/** Large and small windows on three providers; the window of `tiny` cannot hold the rules. */
export const WINDOWS: Readonly<Record<string, number>> = {
  'small:ollama': 2_048,
  'large:ollama': 32_768,
  'tiny:ollama': 200,
  'small-routed': 2_048,
  'large-routed': 32_768,
  extractive: 8_192,
}

/** What it takes to load each, in megabytes. */
const SIZES: Readonly<Record<string, number>> = {
  'small:ollama': 4_000,
  'large:ollama': 20_000,
  'tiny:ollama': 500,
  'small-routed': 4_000,
  'large-routed': 20_000,
  extractive: 0,
}

const FILES: Readonly<Record<string, string>> = {
  'AGENTS.md':
    '# Rules\n\n- Answers MUST name the depot.\n- NEVER guess a checksum.\n- Every number MUST stand in a source.\n',
  'README.md':
    '# Parcel\n\nParcel moves boxes.\n\n## Checksums\n\nA checksum is computed over the raw bytes of a box.\n',
  'src/checksum.ts':
    "import { createHash } from 'node:crypto'\n\n/** Computes the checksum of a box: SHA-256 over its raw bytes. */\nexport function computeChecksum(bytes: Uint8Array): string {\n  return createHash('sha256').update(bytes).digest('hex')\n}\n",
}

export interface SwapWorkspace {
  readonly root: string
  readonly servers: { readonly ollama: ModelServer; readonly router: ModelServer }
  close(): Promise<void>
}

/** A workspace with rules, and the servers of its models on loopback. */
export async function openSwapWorkspace(): Promise<SwapWorkspace> {
  const of = (part: (model: string) => boolean) =>
    Object.fromEntries(Object.entries(SIZES).filter(([model]) => part(model)))
  const servers = {
    ollama: await startModelServer(
      'ollama',
      of((model) => model.endsWith(':ollama')),
    ),
    router: await startModelServer(
      'router',
      of((model) => model.endsWith('-routed')),
    ),
  }
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-swaps-'))
  writeFiles(root, Object.entries({ ...FILES, 'ctxlock.config.json': configFor(servers) }))
  return {
    root,
    servers,
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function configFor({ ollama, router }: SwapWorkspace['servers']): string {
  const assignment = { primary_model_id: 'small:ollama', local_only: true }
  const models = (ids: readonly string[]) =>
    ids.map((model_id) => ({ model_id, max_context_tokens: WINDOWS[model_id], memory_mb: SIZES[model_id] }))
  const common = {
    declared_tier: 'local',
    secret_ref: null,
    network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
    enabled: true,
  }
  const provider = (provider_id: string, kind: string, base_url: string | null, ids: readonly string[], more = {}) => ({
    provider_id,
    kind,
    base_url,
    default_model_id: ids[0],
    models: models(ids),
    ...common,
    ...more,
  })
  return JSON.stringify({
    schema_version: 'ctxlock.config@1',
    rules: { conventions: ['agents-md'] },
    providers: [
      provider('ollama', 'ollama', ollama.origin, ['small:ollama', 'large:ollama', 'tiny:ollama'], {
        options: { max_retries: 0 },
      }),
      provider('router', 'openai_compat', router.origin, ['small-routed', 'large-routed'], {
        options: { profile: 'llamacpp_router', max_retries: 0 },
      }),
      provider('embedded', 'extractive', null, ['extractive']),
    ],
    profiles: [
      {
        schema_version: 'hsk.work_profile@0.6',
        profile_id: 'measure',
        name: 'measure',
        model_assignments: {
          frontend: assignment,
          orchestrator: assignment,
          worker: assignment,
          validator: assignment,
        },
        governance: { automation_level: 'HYBRID', allow_cloud_escalation: false },
      },
    ],
    active_profile: 'measure',
    execution: {
      swap: { max_vram_mb: 24_000, max_ram_mb: 1_000 },
      policy: {
        extensions: [
          {
            schema_version: 'hsk.exec_policy_ext@0.4',
            kind: 'model_swap_policy',
            allow_swaps: true,
            max_swaps_per_job: 100,
            swap_timeout_ms: 20_000,
            fallback_strategy: 'continue_with_current',
          },
        ],
      },
    },
  })
}
