import { readRuleSources, registeredRules, rulesInForce, type RuleSource } from '@ctxlock/context-pack'
import type { RoleContextPack, SourceHash, StrictRule } from '@ctxlock/contracts/packs'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { bytesHash } from '@ctxlock/core-hash'
import { createRuleRegistry, type RuleRegistry } from '@ctxlock/governance'

import type { ResolvedConfig } from '../workspace/default-config.ts'
import { BUILT_IN_RULES, BUILT_IN_SOURCE, BUILT_IN_VERSION } from './built-in-rules.ts'
import type { RulePlaces } from './rule-places.ts'

type ProtocolRefs = RoleContextPack['protocol_refs']

/** What binds one work unit: the built-in rules and those of the files in force for it. */
export interface RulesInForce {
  readonly rules: readonly StrictRule[]
  readonly sources: readonly SourceHash[]
  readonly protocolRefs: ProtocolRefs
}

/** The rules of a workspace: the built-in ones and those of the files the config names, nothing else (CP-043). */
export interface RuleSet {
  /** What holds for the paths a work unit may touch; for none, what holds at the root. */
  inForce(paths: readonly string[]): RulesInForce
  /** The pins of the same files as they are on disk now; a file that is gone has none (CP-053). */
  currentPins(paths: readonly string[]): ProtocolRefs
  /** Every rule there is, wherever it holds. */
  readonly rules: readonly StrictRule[]
  /** Every governed file, wherever it holds and whether or not it gives a rule. */
  readonly sources: readonly SourceHash[]
  readonly registry: RuleRegistry
}

/** `places` are asked only when the config names a convention or a skill. */
export function loadRules(
  reader: SourceReader,
  { files, conventions, skills }: ResolvedConfig['rules'],
  places: RulePlaces,
): RuleSet {
  const paths = conventions.length + skills.length === 0 ? [] : places.paths()
  const found = readRuleSources({ reader, paths, isSource: places.isSource, files, conventions, skills })
  const listed = new Set(paths)
  const heldFor = (scope: readonly string[]) => rulesInForce(found, scope, (path) => listed.has(path))
  return {
    inForce(scope) {
      const held = heldFor(scope)
      return {
        rules: [...BUILT_IN_RULES, ...held.flatMap(({ rules }) => rules)],
        sources: [BUILT_IN_SOURCE, ...held.map(({ source }) => source)],
        protocolRefs: pinsOf(held.map(({ source }) => source)),
      }
    },
    currentPins: (scope) => pinsOf(heldFor(scope).flatMap((source) => currentSource(reader, source))),
    rules: [...BUILT_IN_RULES, ...found.flatMap(({ rules }) => rules)],
    sources: [BUILT_IN_SOURCE, ...found.map(({ source }) => source)],
    registry: createRuleRegistry(
      [{ source: BUILT_IN_SOURCE, rules: [...BUILT_IN_RULES] }, ...found].flatMap(registeredRules),
    ),
  }
}

function pinsOf(sources: readonly SourceHash[]): ProtocolRefs {
  return [
    { ref_id: BUILT_IN_SOURCE.source_id, version: BUILT_IN_VERSION, content_hash: BUILT_IN_SOURCE.source_hash },
    ...sources.map(({ source_id, source_hash }) => ({
      ref_id: source_id,
      version: source_hash.slice(0, 12),
      content_hash: source_hash,
    })),
  ]
}

function currentSource(reader: SourceReader, { path, source }: RuleSource): SourceHash[] {
  const read = reader.read(path)
  return read.status === 'read' ? [{ ...source, source_hash: bytesHash(read.bytes) }] : []
}
