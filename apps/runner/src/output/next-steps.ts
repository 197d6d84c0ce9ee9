import type { Output } from './output.ts'

export interface EndedRun {
  readonly runId: string
  readonly callId: string | undefined
  readonly hasPatch: boolean
  /** As the command line named it: whoever gave one has to give it again. */
  readonly workspace: string | undefined
}

/** What a person can do with a run that has ended: take its patch, and look at its last call. */
export function printNextSteps(output: Output, { runId, callId, hasPatch, workspace }: EndedRun): void {
  // Inside a checkout of ctxlock the command is run through npm.
  const ctxlock = process.env['npm_lifecycle_event'] === undefined ? 'ctxlock' : 'npm run -s ctxlock --'
  const [run, call] = [runId.slice(0, 8), callId?.slice(0, 8)]
  const steps: (readonly [command: string, meaning: string])[] = []
  if (hasPatch) steps.push([`apply ${run} --check`, 'the patch; without --check it is written to your files'])
  if (call !== undefined) {
    steps.push(
      [`show ${call}`, 'the exact bytes that were sent'],
      [`why ${call}`, 'what was included, what was left out, and why'],
      ['verify', 'whether the record of it is whole'],
    )
  }
  const width = Math.max(0, ...steps.map(([command]) => command.length))
  const where = workspace === undefined ? '' : ` --workspace ${shellWord(workspace)}`
  if (steps.length > 0) output.line()
  for (const [index, [command, meaning]] of steps.entries()) {
    output.line(`${index === 0 ? 'next      ' : '          '} ${ctxlock} ${command.padEnd(width)}${where}   ${meaning}`)
  }
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
