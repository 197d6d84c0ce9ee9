import type { Output } from './output.ts'

/** What a person can do with a run that has ended: take its patch, and look at its last call. */
export function printNextSteps(
  output: Output,
  {
    runId,
    callId,
    hasPatch,
  }: { readonly runId: string; readonly callId: string | undefined; readonly hasPatch: boolean },
): void {
  // Inside a checkout of ctxlock the command is run through npm.
  const ctxlock = process.env['npm_lifecycle_event'] === undefined ? 'ctxlock' : 'npm run -s ctxlock --'
  const [run, call] = [runId.slice(0, 8), callId?.slice(0, 8)]
  const steps = [
    ...(hasPatch ? [`${ctxlock} apply ${run} --check   the patch; without --check it is written to your files`] : []),
    ...(call === undefined
      ? []
      : [
          `${ctxlock} show ${call}   the exact bytes that were sent`,
          `${ctxlock} why ${call}    what was included, what was left out, and why`,
          `${ctxlock} verify          whether the record of it is whole`,
        ]),
  ]
  if (steps.length > 0) output.line()
  for (const [index, step] of steps.entries()) output.line(`${index === 0 ? 'next      ' : '          '} ${step}`)
}
