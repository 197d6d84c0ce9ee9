import type { Disclosure } from './disclosure.ts'
import { widerLines } from './wider-lines.ts'

/** What would leave this machine, for a person: by source, size and destination; the bytes themselves are shown on request. */
export function disclosureLines({ plan, sources, ownBytes, wider }: Disclosure): string[] {
  const removed = plan.redactions_applied
  return [
    `cloud call ${plan.max_bytes} bytes to ${plan.endpoint_origin} (provider ${plan.provider_id}, model ${plan.model_ids.join(', ')})`,
    `sha256     ${plan.payload_sha256}`,
    ...sources.map(
      ({ path, bytes, lines }, index) =>
        `${index === 0 ? 'sources   ' : '          '} ${bytes} bytes of ${path}, lines ${lines.map(([start, end]) => `${start}-${end}`).join(', ')}`,
    ),
    `own        ${ownBytes} bytes: rules, task, question and the JSON around them`,
    `removed    ${removed.length === 0 ? 'nothing was redacted' : `redacted: ${removed.join(', ')}`}`,
    `cost       about ${plan.estimated_tokens ?? 0} tokens to send; ${costText(plan.estimated_cost_usd)}`,
    `for        ${plan.job_id === undefined ? '' : `job ${plan.job_id}, `}${plan.wp_id ?? ''} / ${plan.mt_id ?? ''}, session ${plan.session_ids?.join(', ') ?? ''}`,
    ...(wider ? widerLines(wider.receipt, wider.plan) : []),
  ]
}

function costText(dollars: number | undefined): string {
  if (dollars === undefined) return 'the config names no price for this model (`models[].price`)'
  return `about ${Number(dollars.toPrecision(2))} US dollars with an answer of --max-tokens or, where nothing limits it, of the token budget`
}
