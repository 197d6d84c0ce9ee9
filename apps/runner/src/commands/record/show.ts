import { sentBytes } from '../../calls/sent-bytes.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { writeBytes } from '../../output/write-bytes.ts'
import { openStoredSession } from '../../session/stored-session.ts'
import { showDefinitions } from './show-definitions.ts'

/** `ctxlock show`: the exact bytes of a call, after they were checked against what the log recorded; or what a run works off. */
export async function show(
  [name = 'last']: readonly string[],
  context: CommandContext<GlobalOptions & { readonly definitions?: boolean }>,
): Promise<number> {
  if (context.options.definitions === true) return showDefinitions(name, context)
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const record = session.calls.find(name)
    const { manifest, body, from } = sentBytes(session, record)
    if (context.output.json) {
      const { call_id, provider_id, model_id } = record
      const { payload_sha256, payload_bytes } = manifest
      context.output.result({
        ok: true,
        call_id,
        provider_id,
        model_id,
        payload_sha256,
        payload_bytes,
        rebuilt_from: from,
        model_session: session.modelSessions.ofCall(call_id) ?? null,
        body: Buffer.from(body).toString('utf8'),
      })
    } else {
      await writeBytes(body)
    }
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}
