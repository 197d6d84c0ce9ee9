import { isOwnPath } from '../environment/own-path.ts'

/** What this run and git write beside the lockfile, which a check reads: one look more after it was written says nothing new. */
export function isUnwatched(path: string): boolean {
  return (
    isOwnPath(path) ||
    /^ctxlock\.(?:lock|config\.json)\..*\.tmp$/.test(path) ||
    /(?:^|[/\\])node_modules(?:[/\\]|$)/.test(path)
  )
}
