import { isEvidenceName } from './evidence-names.ts'

/** Data of version control and ours: never sources, by whatever link they are reached (a key would go to the model). */
export function isOwnPath(path: string): boolean {
  return /(?:^|[/\\])\.(?:git|hg|jj|sl|svn|ctxlock)(?:[/\\]|$)/i.test(path)
}

const OWN_NAMES: ReadonlySet<string> = new Set([
  '.git',
  // Mercurial, Jujutsu, Sapling, Subversion: each command of theirs writes there, and a password of the server may stand in it.
  '.hg',
  '.jj',
  '.sl',
  '.svn',
  '.ctxlock',
  'ctxlock.lock',
  'ctxlock.waivers.json',
  'node_modules',
])
/** A config or a lockfile on its way to its name, or a file of a patch. */
const OWN_TEMPORARY = /^ctxlock\.(?:lock|config\.json|waivers\.json)\..*\.tmp$|\.ctxlock\.tmp$/s
/** Names of what is never listed, at any depth: data of version control, our state and our output, whose change must not trip a check. */
export function isOwnName(name: string): boolean {
  return OWN_NAMES.has(name) || OWN_TEMPORARY.test(name) || isEvidenceName(name)
}
