import type { SourceReader } from '@ctxlock/contracts/ports'
import type { RuleConvention } from '@ctxlock/contracts/rules'

import { PackError } from '../pack-error.ts'
import { conventionReach, folderOf, isConventionFile } from './rule-conventions.ts'
import { MAX_FILE_BYTES, parseRules, ruleText, type RuleFile } from './rule-file.ts'
import { importsOf } from './rule-imports.ts'
import type { RuleReach } from './rule-reach.ts'
import { skillPath } from './skills.ts'

/** How many files deep a CLAUDE.md may take in others; Claude Code stops there without a word. */
const MAX_IMPORT_DEPTH = 5
const EVERYWHERE: RuleReach = { kind: 'below', folder: '' }

export interface RuleSourcesInput {
  readonly reader: SourceReader
  /** The files of the workspace, among which conventions and skills look. */
  readonly paths: readonly string[]
  /** Whether one of them is a source: nothing else governs (CP-043). Every one is when left out. */
  readonly isSource?: (path: string) => boolean
  /** Files that bind every call. */
  readonly files: readonly string[]
  readonly conventions: readonly RuleConvention[]
  readonly skills: readonly string[]
}

/** One governed file, its rules and for which paths they hold. */
export interface RuleSource extends RuleFile {
  readonly path: string
  readonly reaches: readonly RuleReach[]
}

interface Claim {
  readonly path: string
  readonly reach: RuleReach
  /** How many imports led here. */
  readonly depth: number
}

/**
 * The rule sources of a workspace, by path: the files the host names, those of the conventions it names, its skills, and what
 * a CLAUDE.md among them takes in with `@path`. Files with the same bytes in one folder, such as a CLAUDE.md that links to the
 * AGENTS.md beside it, are one source. `rulesInForce` chooses among them for a work unit.
 *
 * Throws what `parseRules` throws, `PACK_RULE_FILE_UNREADABLE` for a file or skill that is not there and
 * `PACK_RULE_IMPORT_REFUSED` for an import that cannot be followed.
 */
export function readRuleSources(input: RuleSourcesInput): RuleSource[] {
  const sources = new Map<string, RuleSource>()
  const claims = firstClaims(input)
  for (const claim of claims) {
    const bytes = readRuleFile(input.reader, claim)
    const source = sources.get(claim.path) ?? { path: claim.path, reaches: [], ...parseRules(bytes, claim.path) }
    if (hasReach(source, claim.reach)) continue
    sources.set(claim.path, { ...source, reaches: [...source.reaches, claim.reach] })
    if (claim.depth === 0 && !isClaudeFile(claim.path)) continue
    for (const path of importsOf(ruleText(bytes, claim.path), claim.path)) {
      claims.push({ path, reach: claim.reach, depth: claim.depth + 1 })
    }
  }
  return withoutLinks([...sources.values()].sort((a, b) => (a.path < b.path ? -1 : 1)))
}

function firstClaims({ reader, paths, isSource = () => true, files, conventions, skills }: RuleSourcesInput): Claim[] {
  const named = [...files, ...skills.map((name) => skillPath(reader, paths, isSource, name))]
  const found = paths.flatMap((path) => {
    if (!isConventionFile(path, conventions) || !isSource(path)) return []
    const reach = conventionReach(path, conventions, () => ruleText(readRuleFile(reader, { path, depth: 0 }), path))
    return reach ? [{ path, reach, depth: 0 }] : []
  })
  return [...named.map((path) => ({ path, reach: EVERYWHERE, depth: 0 })), ...found]
}

function readRuleFile(reader: SourceReader, { path, depth }: Pick<Claim, 'path' | 'depth'>): Uint8Array {
  const read = reader.read(path, { maxBytes: MAX_FILE_BYTES })
  if (depth <= MAX_IMPORT_DEPTH && read.status === 'read') return read.bytes
  const problem =
    depth > MAX_IMPORT_DEPTH ? `more than ${MAX_IMPORT_DEPTH} imports deep` : read.status.replaceAll('_', ' ')
  if (depth > 0) {
    throw new PackError(
      'PACK_RULE_IMPORT_REFUSED',
      `${path} is taken in by a CLAUDE.md with @ and cannot be followed (${problem}). Restore it, or take the import out.`,
    )
  }
  throw new PackError(
    'PACK_RULE_FILE_UNREADABLE',
    `${path} is a rule file and cannot be read (${problem}). Restore it or take it out of \`rules\` in the config; no call is made without its rules.`,
  )
}

function isClaudeFile(path: string): boolean {
  return path === 'CLAUDE.md' || path.endsWith('/CLAUDE.md')
}

function hasReach({ reaches }: RuleSource, reach: RuleReach): boolean {
  return reaches.some(
    (own) => own === reach || (own.kind !== 'matching' && own.kind === reach.kind && own.folder === reach.folder),
  )
}

/** Of files with the same bytes in one folder the first stays, with the reach of all of them. */
function withoutLinks(sources: readonly RuleSource[]): RuleSource[] {
  const first = new Map<string, RuleSource>()
  for (const source of sources) {
    const key = `${folderOf(source.path)}\0${source.source.source_hash}`
    const same = first.get(key)
    first.set(key, same ? { ...same, reaches: [...same.reaches, ...source.reaches] } : source)
  }
  return [...first.values()]
}
