import type { CommandLine } from './command-line.ts'

/** What a person does about runs that began: go on with them, decide for them. */
export function runCommands({ command }: CommandLine): void {
  command(
    'resume <run>',
    'go on with a run that waits for a person or was interrupted; what is finished is not repeated',
    'ctxlock resume last',
    async () => (await import('../commands/resume.ts')).resume,
  )
  command(
    'runs',
    'list the runs of this workspace, the newest first',
    'ctxlock runs',
    async () => (await import('../commands/runs.ts')).runs,
  )
  command(
    'status [run]',
    'show where a run stands, what it waits for and what to do next',
    'ctxlock status last',
    async () => (await import('../commands/status.ts')).status,
  )
  command(
    'doctor',
    'say which runs are stuck, why, and with which command each goes on',
    'ctxlock doctor',
    async () => (await import('../commands/doctor.ts')).doctor,
  )
  command(
    'pause <run>',
    'let a run wait when the iteration under way is finished',
    'ctxlock pause last',
    async () => (await import('../commands/pause.ts')).pause,
  )
  command(
    'cancel <run>',
    'end a run for good when the step under way is finished',
    'ctxlock cancel last',
    async () => (await import('../commands/cancel.ts')).cancel,
  ).option('--now', 'at once: what is under way is dropped')
  command('continue <run>', 'let a run go on that waits at a gate', 'ctxlock continue last', async () =>
    (await import('../commands/decide.ts')).decide('continue'),
  )
  command(
    'skip <run>',
    'leave out the micro-task at whose gate a run waits, and what depends on it',
    'ctxlock skip last',
    async () => (await import('../commands/decide.ts')).decide('skip'),
  )
  command('abort <run>', 'end a run that waits at a gate; it failed', 'ctxlock abort last', async () =>
    (await import('../commands/decide.ts')).decide('abort'),
  )
  command(
    'apply <run>',
    'show the patch of a finished run and write it into the tree, unless a file of it changed meanwhile',
    'ctxlock apply last --check',
    async () => (await import('../commands/apply.ts')).apply,
  ).option('--check', 'only show the patch and say whether it could be applied')
}
