import type { PluginKind } from '@ctxlock/contracts/plugin'

/** What every port of a kind has. Methods that a capability speaks of, and the hooks of a guard, are the host's to ask for. */
const MEMBERS: Readonly<Record<PluginKind, Readonly<Record<string, 'function' | 'object' | 'string'>>>> = {
  provider: {
    capabilities: 'object',
    profile: 'function',
    prepareChat: 'function',
    health: 'function',
    close: 'function',
  },
  guard: { name: 'string', version: 'string' },
  extractor: { name: 'string', version: 'string', matches: 'function', extract: 'function' },
  sink: { latest: 'function', anchor: 'function', close: 'function' },
}

/** What is missing in what a plugin's `create` returned; nothing when the host can use it. The value may be anything. */
export function portFaults(kind: PluginKind, port: unknown): string[] {
  if (typeof port !== 'object' || port === null)
    return [`expected create to return an object that is the ${kind}, got ${port === null ? 'null' : typeof port}`]
  return Object.entries(MEMBERS[kind]).flatMap(([name, type]) => {
    const member: unknown = Reflect.get(port, name)
    const found = member === null ? 'null' : typeof member
    return found === type ? [] : [`expected ${name} of the ${kind} to be of type ${type}, got ${found}`]
  })
}
