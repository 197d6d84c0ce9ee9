// Imports nothing: an older Node may not even be able to load the rest.

const OLDEST_NODE = 24

/** What to say when this Node cannot run ctxlock: which one is needed, which one runs, what to do. Undefined when it can. */
export function nodeRefusal(version: string): string | undefined {
  if (Number(version.split('.')[0]) >= OLDEST_NODE) return undefined
  return `error: ctxlock needs Node ${OLDEST_NODE} or newer; this is Node ${version}
  Install a newer Node (https://nodejs.org) and run the command again; nothing was done.
`
}
