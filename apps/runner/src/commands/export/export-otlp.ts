import { ProviderError } from '@ctxlock/contracts/provider'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { counted } from '../../output/counted.ts'
import { openStoredSession } from '../../session/stored-session.ts'
import { collectorPlace, notTaken, openCollector } from '../../telemetry/collector.ts'
import { findConvention } from '../../telemetry/conventions.ts'
import { exportLog } from '../../telemetry/export-log.ts'

interface OtlpOptions extends GlobalOptions {
  readonly endpoint?: string
  readonly allowPrivateHost: readonly string[]
  readonly convention: string
  readonly fromStart?: boolean
}

/** `ctxlock export otlp`: sends what was recorded since the last time as spans without content. */
export async function exportOtlp(_: readonly string[], context: CommandContext<OtlpOptions>): Promise<number> {
  const { options, output } = context
  const convention = findConvention(options.convention)
  const place = collectorPlace(options, process.env)
  const stored = openStoredSession(workspaceOf(context), process.env)
  try {
    const collector = openCollector(place)
    try {
      const { sent, rejected, refused, upTo } = await exportLog(stored, convention, collector, {
        fromStart: options.fromStart === true,
      })
      const exit = rejected + refused.length > 0 ? EXIT_CODE.degraded : EXIT_CODE.done
      output.result({
        ok: exit === EXIT_CODE.done,
        exit,
        convention: convention.id,
        endpoint: place.endpoint,
        sent,
        rejected,
        refused,
        up_to: upTo,
      })
      output.line(`sent       ${sent} spans to ${place.endpoint} (${convention.id}), up to event ${upTo}`)
      if (rejected > 0) output.line(`rejected   ${rejected} of them by the collector; they are not sent again`)
      if (refused.length > 0) {
        output.line(`refused    ${counted(refused.length, 'span')} as bad data: of event ${refused.join(', ')}`)
        output.line('           left out from now on; only --from-start sends them again')
      }
      return exit
    } finally {
      await collector.egress.close()
    }
  } catch (error) {
    throw error instanceof ProviderError ? notTaken(place.endpoint, error) : error
  } finally {
    stored.close()
  }
}
