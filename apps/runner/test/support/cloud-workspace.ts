import { startChatServer, type ChatServer, type ChatServerOptions } from './chat-server.ts'
import type { CommandOptions } from './ctxlock.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './workspace.ts'
import { oneModelProfile } from './work-profile.ts'

/** Stands in for a cloud: a real server on loopback that only an explicit exception lets a cloud provider reach. */
export interface CloudWorkspace {
  readonly server: ChatServer
  readonly options: CommandOptions
}

interface CloudOptions {
  readonly governance?: Readonly<Record<string, unknown>>
  readonly files?: Readonly<Record<string, string>>
  readonly exportable?: readonly string[]
  readonly rules?: Readonly<Record<string, unknown>>
  readonly policy?: Readonly<Record<string, unknown>>
  readonly server?: ChatServerOptions
  /** A package of the workspace, and the kind of provider it brings. */
  readonly plugin?: { readonly name: string; readonly kind: string }
}

/** A workspace whose only model is a cloud model; nothing is sent to it unless a person consents. */
export async function cloudWorkspace(cloud: CloudOptions = {}): Promise<CloudWorkspace> {
  const server = await startChatServer(cloud.server)
  const config = {
    schema_version: 'ctxlock.config@1',
    sources: { exportable: cloud.exportable ?? ['**'] },
    providers: [
      {
        provider_id: 'far',
        kind: cloud.plugin?.kind ?? 'openai_compat',
        declared_tier: 'cloud',
        base_url: `${server.url}/v1`,
        secret_ref: { source: 'env', name: 'CTXLOCK_TEST_KEY' },
        default_model_id: 'm1',
        models: [{ model_id: 'm1', price: { input_usd_per_million: 3, output_usd_per_million: 15 } }],
        network: { allow_private_hosts: [new URL(server.url).host], allow_ports: [], redirects: 'deny' },
        enabled: true,
      },
    ],
    ...oneModelProfile('m1', {
      name: 'cloud',
      localOnly: false,
      governance: { allow_cloud_escalation: true, ...cloud.governance },
    }),
    ...(cloud.plugin && { plugins: [cloud.plugin.name] }),
    ...(cloud.rules && { rules: cloud.rules }),
    ...(cloud.policy && { policy: cloud.policy }),
  }
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, ...cloud.files, 'ctxlock.config.json': JSON.stringify(config) })
  return { server, options: { cwd, env: { CTXLOCK_TEST_KEY: 'sk-test-cloud-0123456789' } } }
}
