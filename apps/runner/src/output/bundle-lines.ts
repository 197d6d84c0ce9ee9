import type { CheckedBundle } from '@ctxlock/flight-recorder/export'

/** What a bundle holds and what was left out of it, for people; nothing where its first line could not be read. */
export function bundleLines({ head, events, runs, objects, receipts, checkpoint, kept }: CheckedBundle): string[] {
  if (!head) return []
  const { whole, withoutNames, hashOnly, erased } = events
  return [
    `run         ${head.run_id}, redaction ${head.redaction}`,
    ...(checkpoint ? [`signed      ${checkpoint.origin}, ${checkpoint.size} events`] : []),
    `events      ${whole} whole, ${withoutNames} without names, ${hashOnly} as hashes only, ${erased} erased`,
    ...runs.map(({ workflow_run_id, state }) => `            ${workflow_run_id} ${state.replaceAll('_', ' ')}`),
    `objects     ${objects.whole} whole, ${objects.leftOut + head.left_out.objects} left out`,
    `receipts    ${receipts}, ${head.left_out.receipts} left out`,
    ...kept.map(
      ({ state, size }) => `kept        ${state.replaceAll('_', ' ')}${size === null ? '' : `, ${size} events`}`,
    ),
  ]
}

/** The same for programs. */
export function bundleJson({ events, objects, ...checked }: CheckedBundle): object {
  const { whole, withoutNames, hashOnly, erased } = events
  return {
    ...checked,
    events: { whole, without_names: withoutNames, hash_only: hashOnly, erased },
    objects: { whole: objects.whole, left_out: objects.leftOut },
  }
}
