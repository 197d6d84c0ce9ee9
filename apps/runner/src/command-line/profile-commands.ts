import type { CommandLine } from './command-line.ts'

/** `ctxlock profile …` */
export function profileCommands({ command, group }: CommandLine): void {
  const profiles = group('profile', 'list, show, choose and try the work profiles', 'ctxlock profile list')
  command(
    'list',
    'list the work profiles, the active one marked',
    'ctxlock profile list',
    async () => (await import('../commands/profile/list.ts')).listProfiles,
    { group: profiles, isDefault: true },
  )
  command(
    'show [profile]',
    'show which models a profile assigns to which role and kind of work',
    'ctxlock profile show',
    async () => (await import('../commands/profile/show.ts')).showProfile,
    { group: profiles },
  )
  command(
    'use <profile>',
    'make a profile the active one, for the runs that start from now on',
    'ctxlock profile use careful',
    async () => (await import('../commands/profile/use.ts')).chooseProfile,
    { group: profiles },
  )
  command(
    'simulate [task-file]',
    'say which model each role would get and why not the others, without a call',
    'ctxlock profile simulate tasks/review.json',
    async () => (await import('../commands/profile/simulate.ts')).simulateProfile,
    { group: profiles },
  )
    .option('--profile <id>', 'another profile than the active one')
    .option('--offline', 'do not ask local servers; every model of theirs counts as ready')
}
