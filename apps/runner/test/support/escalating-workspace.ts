import { startChatServer, type ChatServer, type ChatServerOptions } from './chat-server.ts'
import { startOllamaServer, type ScriptedServer } from './scripted-models.ts'
import { makeWorkspace } from './workspace.ts'
import { oneModelProfile } from './work-profile.ts'

export const NEAR = 'small:1b'
export const FAR = 'm1'
/** A completion block that is not closed is a failure, and two of them exhaust a level. */
export const BROKEN = '<mt_complete>'

/** Answers are judged by their quotations alone, so nothing but the wire stands between a model and its success. */
export const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'Explain how boxes are checked.',
  scope: ['README.md'],
  done: ['The checksum is explained.'],
  expected_output: 'structured_answer',
  steps: [{ name: 'one', goal: 'Explain the checksum.' }],
}

export interface EscalatingWorkspace {
  readonly near: ScriptedServer
  readonly far: ChatServer
  readonly cwd: string
}

interface EscalatingOptions {
  readonly governance?: Readonly<Record<string, unknown>>
  /** Levels above the local one and the cloud; a person unless told. */
  readonly above?: readonly string[]
  readonly policy?: Readonly<Record<string, unknown>>
  /** Sections of the config beside these. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly exportable?: readonly string[]
  readonly far?: ChatServerOptions
  /** What the provider of the cloud level really is. */
  readonly farTier?: 'local'
  readonly files?: Readonly<Record<string, string>>
  readonly steps?: readonly string[]
  /** What the local model says; broken blocks unless told. */
  readonly says?: (number: number) => string
}

/** A local model that fails, and a cloud model above it: a server on loopback that stands in for a cloud. */
export async function escalatingWorkspace(options: EscalatingOptions = {}): Promise<EscalatingWorkspace> {
  const near = await startOllamaServer([NEAR], (_, number) => options.says?.(number) ?? BROKEN)
  const far = await startChatServer({ reply: () => 'A checksum is a sum.', ...options.far })
  const levels = [NEAR, FAR, ...(options.above ?? ['HARD_GATE'])].map((model_id, level) => ({
    level,
    model_id,
    is_cloud: model_id === FAR,
    is_hard_gate: model_id === 'HARD_GATE',
  }))
  const network = { allow_private_hosts: [], allow_ports: [], redirects: 'deny' }
  const config = {
    schema_version: 'ctxlock.config@1',
    sources: { exportable: options.exportable ?? ['**'] },
    providers: [
      {
        provider_id: 'near',
        kind: 'ollama',
        declared_tier: 'local',
        base_url: near.url,
        secret_ref: null,
        default_model_id: NEAR,
        models: [{ model_id: NEAR }],
        network,
        enabled: true,
      },
      {
        provider_id: 'far',
        kind: 'openai_compat',
        declared_tier: options.farTier ?? 'cloud',
        base_url: `${far.url}/v1`,
        secret_ref: { source: 'env', name: 'CTXLOCK_TEST_KEY' },
        default_model_id: FAR,
        models: [{ model_id: FAR }],
        network: { ...network, allow_private_hosts: [new URL(far.url).host] },
        enabled: true,
      },
    ],
    ...oneModelProfile(NEAR, {
      localOnly: false,
      governance: { allow_cloud_escalation: true, ...options.governance },
    }),
    execution: { policy: { escalation_chain: levels, cloud_escalation_allowed: true, ...options.policy } },
    ...options.config,
  }
  const steps = options.steps?.map((name) => ({ name, goal: `Explain part ${name}.` })) ?? TASK.steps
  const cwd = makeWorkspace({
    'README.md': '# Parcel\n\nA checksum is computed over the raw bytes of a box.\n',
    ...options.files,
    'task.json': JSON.stringify({ ...TASK, steps }),
    'ctxlock.config.json': JSON.stringify(config),
  })
  return { near, far, cwd }
}
