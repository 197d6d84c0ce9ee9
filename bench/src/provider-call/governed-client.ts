import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openRunBudget } from '../../../apps/runner/src/governed-call/budget/run-budget.ts'
import { syncWorkspaceIndex } from '../../../apps/runner/src/governed-call/context/workspace-index.ts'
import { governedCall } from '../../../apps/runner/src/governed-call/governed-call.ts'
import { startJob } from '../../../apps/runner/src/run/job.ts'
import { questionSubject } from '../../../apps/runner/src/run/question-subject.ts'
import { openSession } from '../../../apps/runner/src/session/session.ts'
import type { Client } from './clients.ts'
import { writeFiles } from '../write-files.ts'

const FILES: Readonly<Record<string, string>> = {
  'AGENTS.md': '# Rules\n\n- Answers MUST name the depot.\n- NEVER guess a checksum.\n',
  'README.md':
    '# Parcel\n\nParcel moves boxes.\n\n## Checksums\n\nA checksum is computed over the raw bytes of a box.\n',
  'src/checksum.ts':
    "import { createHash } from 'node:crypto'\n\n/** Computes the checksum of a box: SHA-256 over its raw bytes. */\nexport function computeChecksum(bytes: Uint8Array): string {\n  return createHash('sha256').update(bytes).digest('hex')\n}\n",
}

/** The whole governed call as `ctxlock ask` makes it: packs bound, every guard, budget, and its events on disk. */
export async function governedClient(origin: string): Promise<Client> {
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  writeFiles(root, Object.entries({ ...FILES, 'ctxlock.config.json': configFor(origin) }))
  const session = await openSession({ root, variables: { XDG_CONFIG_HOME: join(root, '.config-home') } })
  syncWorkspaceIndex(session, () => {})
  const subject = questionSubject('How is the checksum of a box computed?', [], session.config)
  const call = async (stream: boolean, onText?: () => void): Promise<void> => {
    const { random } = session.environment
    const job = startJob(session, '0'.repeat(64))
    const ids = { ...job, sessionId: random.uuid(), stepId: 'MT-001_iter-001' }
    const runId = random.uuid()
    const made = await governedCall(
      session,
      subject,
      { ...ids, runId, traceId: random.uuid(), callId: random.uuid() },
      {
        stream,
        maxTokens: undefined,
        signal: new AbortController().signal,
        budget: openRunBudget(session, { runId, jobId: job.jobId }, [subject]),
        ...(onText && { onText }),
      },
    )
    if (made.failure) throw made.failure
  }
  return {
    ask: () => call(false),
    stream: (_prompt, onFirst) => call(true, onFirst),
    async close() {
      await session.close()
      rmSync(root, { recursive: true })
    },
  }
}

function configFor(origin: string): string {
  const assignment = { primary_model_id: 'm1', local_only: true }
  return JSON.stringify({
    schema_version: 'ctxlock.config@1',
    providers: [
      {
        provider_id: 'bench',
        kind: 'openai_compat',
        declared_tier: 'local',
        base_url: origin,
        secret_ref: null,
        default_model_id: 'm1',
        models: [],
        network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
        enabled: true,
      },
    ],
    profiles: [
      {
        schema_version: 'hsk.work_profile@0.6',
        profile_id: 'bench',
        name: 'bench',
        model_assignments: {
          frontend: assignment,
          orchestrator: assignment,
          worker: assignment,
          validator: assignment,
        },
        governance: { automation_level: 'HYBRID', allow_cloud_escalation: false },
      },
    ],
    active_profile: 'bench',
    rules: { conventions: ['agents-md'] },
  })
}
