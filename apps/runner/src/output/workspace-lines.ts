import { realpathSync } from 'node:fs'

/** Where a command works that nobody told to work there: nothing is written to a folder further up unsaid. */
export function workspaceLines(root: string, named: string | undefined): string[] {
  if (named !== undefined || root === realpathSync(process.cwd())) return []
  return [
    `workspace  ${root}, the nearest folder upwards with a config, a lockfile or .git; \`--workspace .\` takes this one`,
  ]
}
