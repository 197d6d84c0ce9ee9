import { canonicalHash } from '@ctxlock/core-hash'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

/** The sections in the order they are written, each with the keys of an entry in theirs; the first keys are what it is sorted by. */
export const LOCK_SECTIONS = [
  { name: 'sources', keys: ['path', 'mode', 'link', 'size', 'tokens', 'hash', 'pack', 'not_packed'], sortKeys: 1 },
  { name: 'excluded', keys: ['path', 'reason'], sortKeys: 1 },
  { name: 'roles', keys: ['role', 'pack'], sortKeys: 1 },
  { name: 'rules', keys: ['role', 'rule', 'severity', 'source', 'span', 'text_hash'], sortKeys: 2 },
  { name: 'tasks', keys: ['task', 'role', 'pack', 'source'], sortKeys: 1 },
  {
    name: 'reads',
    keys: ['role', 'task', 'reason', 'source', 'pattern', 'span', 'sources', 'tokens', 'hash'],
    sortKeys: 6,
  },
  // Left out where there are none.
  { name: 'guards', keys: ['guard', 'version', 'plugin', 'code_hash'], sortKeys: 1 },
] as const

export type LockSection = (typeof LOCK_SECTIONS)[number]

const BUILDER_KEYS = ['tool_id', 'tool_version', 'config_hash'] as const

/**
 * The text of a lockfile: JSON in which every source, rule, role and task stands on a line of its own, so that a version
 * control system shows exactly what changed. LF line endings, a final LF.
 */
export function formatLockfile(lockfile: Lockfile): string {
  return [...lockfileLines(lockfile)].join('')
}

/** The same line by line, each with its LF, for whoever need not hold all of a large one at once. */
export function* lockfileLines(lockfile: Lockfile): Generator<string, void> {
  yield '{\n'
  yield `  "schema_version": ${jsonText(lockfile.schema_version)},\n`
  yield `  "builder": ${objectText(lockfile.builder, BUILDER_KEYS)},\n`
  yield `  "token_counter": ${jsonText(lockfile.token_counter)},\n`
  for (const section of LOCK_SECTIONS) yield* sectionLines(section, lockfile[section.name])
  yield `  "lock_hash": ${jsonText(lockfile.lock_hash)}\n`
  yield '}\n'
}

/** The hash over everything but itself (CJ-031). */
export function lockHashOf(content: Omit<Lockfile, 'lock_hash'>): string {
  return canonicalHash(content)
}

/** What an entry is sorted by; no two entries of a section may share it. */
export function sortKeyOf(section: LockSection, entry: object): string {
  return section.keys
    .slice(0, section.sortKeys)
    .map((key) => String(Reflect.get(entry, key) ?? ''))
    .join('\0')
}

/** The same for a message. */
export function readableKey(key: string): string {
  return key.split('\0').filter(Boolean).join(' ')
}

function* sectionLines({ name, keys }: LockSection, entries: readonly object[] | undefined): Generator<string, void> {
  if (entries === undefined) return
  if (entries.length === 0) return yield `  "${name}": [],\n`
  yield `  "${name}": [\n`
  const last = entries.length - 1
  for (const [index, entry] of entries.entries()) yield `    ${objectText(entry, keys)}${index === last ? '' : ','}\n`
  yield '  ],\n'
}

/** An object on one line with its keys in the given order; keys it does not have are left out. */
function objectText(entry: object, keys: readonly string[]): string {
  const parts = keys
    .filter((key) => Object.hasOwn(entry, key))
    .map((key) => `${JSON.stringify(key)}: ${jsonText(Reflect.get(entry, key))}`)
  return `{ ${parts.join(', ')} }`
}

/** JSON in which characters nobody sees, such as those that reverse the reading direction of a path, are written as escapes. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
