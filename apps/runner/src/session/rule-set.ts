import { parseRules, registeredRules } from '@ctxlock/context-pack'
import type { RoleContextPack, SourceHash, StrictRule } from '@ctxlock/contracts/packs'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { createRuleRegistry, type RuleRegistry } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { BUILT_IN_RULES, BUILT_IN_SOURCE, BUILT_IN_VERSION } from './built-in-rules.ts'

/** The rules every role is bound to: the built-in ones and those of the files the config names, nothing else (CP-043). */
export interface RuleSet {
  readonly rules: readonly StrictRule[]
  readonly sources: readonly SourceHash[]
  readonly protocolRefs: RoleContextPack['protocol_refs']
  readonly registry: RuleRegistry
}

export function loadRules(reader: SourceReader, files: readonly string[]): RuleSet {
  const parsed = files.map((path) => ({ path, file: parseRules(readRuleFile(reader, path), path) }))
  const builtIn = { source: BUILT_IN_SOURCE, rules: [...BUILT_IN_RULES] }
  return {
    rules: [...BUILT_IN_RULES, ...parsed.flatMap(({ file }) => file.rules)],
    sources: [BUILT_IN_SOURCE, ...parsed.map(({ file }) => file.source)],
    protocolRefs: [
      { ref_id: BUILT_IN_SOURCE.source_id, version: BUILT_IN_VERSION, content_hash: BUILT_IN_SOURCE.source_hash },
      ...parsed.map(({ file: { source } }) => ({
        ref_id: source.source_id,
        version: source.source_hash.slice(0, 12),
        content_hash: source.source_hash,
      })),
    ],
    registry: createRuleRegistry([builtIn, ...parsed.map(({ file }) => file)].flatMap(registeredRules)),
  }
}

function readRuleFile(reader: SourceReader, path: string): Uint8Array {
  const read = reader.read(path)
  if (read.status === 'read') return read.bytes
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'RULE_FILE_UNREADABLE',
    message: `\`rules.files\` names ${path}, which cannot be read (${read.status.replaceAll('_', ' ')})`,
    hint: 'Restore the file or take it out of the config; no call is made without its rules.',
  })
}
