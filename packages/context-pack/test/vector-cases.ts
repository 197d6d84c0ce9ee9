// The golden packs of vectors/packs: what they are made of is here, what comes out is committed there, byte for byte.
import { canonicalize } from '@ctxlock/core-hash'
import type { Redactor } from '@ctxlock/contracts/ports'

import { bindPacks } from '../src/binding/binding.ts'
import { buildLockfile, lockedSource } from '../src/lockfile/lockfile.ts'
import { formatLockfile } from '../src/lockfile/lockfile-text.ts'
import { describeBuilder } from '../src/pack/builder.ts'
import { buildContextPack } from '../src/pack/context-pack.ts'
import { parseRules } from '../src/rules/rule-file.ts'
import { bindingInput, builtPair } from './governed.ts'
import { clock, memoryReader, memoryStore, tokenCounter } from './support.ts'

/** Finds nothing, so that the vectors do not depend on anybody's detectors. */
const noRedactor: Redactor = { version: 'none', detect: () => [], redact: (text) => ({ text, findings: [] }) }

const SOURCES: Readonly<Record<string, string>> = {
  'AGENTS.md':
    '# Agents\n\nHow we work.\n\n## Rules\n\n- You MUST run the tests.\n- NEVER push to main. Ask first.\n- prefer small functions\n\nDO NOT:\n\n- edit generated files\n- change the license\n',
  'config.yaml': 'name: example\nserver:\n  port: 8080\n  hosts:\n    - a\n    - b\n# TODO: add TLS\n',
  'legacy.ts': 'export class {{{\n// TODO: repair\n',
  'notes.txt': 'First line.\nYou MUST keep this. Or not.\n',
  'package.json': '{\n  "name": "example",\n  "scripts": { "test": "vitest" }\n}\n',
  'src/add.ts':
    "/** Adds numbers. Inputs MUST be finite. */\nimport { z } from 'zod'\n\nexport interface Pair {\n  readonly a: number\n}\n\n// TODO: subtract\nexport function add(a: number, b: number): number {\n  return a + b\n}\n\nexport class Adder {\n  add(pair: Pair): number {\n    return pair.a\n  }\n}\n",
  'unicode.md': '\uFEFF# Cafe\u0301\r\n\r\nZwei\u0007 \u{1F600} Zeilen.\r\n',
}

/** File name below vectors/packs to content. */
export function vectorFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const store = memoryStore()
  const reader = memoryReader(SOURCES)
  const results = Object.keys(SOURCES).map((path) => {
    const result = buildContextPack({ path, reader, redactor: noRedactor, store, clock, tokenCounter })
    if (result.status !== 'built') throw new Error(`${path}: ${result.status}`)
    const { pack_artifact: _, ...record } = result.record
    const canonical_payload = canonicalize(result.payload)
    files.set(
      `context-pack-${path.replaceAll(/[/.]/g, '-')}.json`,
      json({ path, source: SOURCES[path], record, canonical_payload }),
    )
    return result
  })

  const text = SOURCES['AGENTS.md'] ?? ''
  const ruleFile = parseRules(new TextEncoder().encode(text), 'AGENTS.md')
  files.set('rules.json', json({ path: 'AGENTS.md', text, ...ruleFile }))

  const pair = builtPair(
    { rules: ruleFile.rules, governedSources: [ruleFile.source], redactor: noRedactor },
    { redactor: noRedactor },
  )
  files.set('role-pack.json', `${canonicalize(pair.rolePack.pack)}\n`)
  files.set('work-unit-pack.json', `${canonicalize(pair.workUnitPack.pack)}\n`)
  files.set('binding.json', `${canonicalize(bindPacks(bindingInput(pair)).binding)}\n`)

  const lockfile = buildLockfile({
    builder: describeBuilder({ redactor: noRedactor }),
    tokenCounter: tokenCounter.id,
    sources: results.map((result) => lockedSource(result)).filter((source) => 'hash' in source),
    excluded: [{ path: 'node_modules', reason: 'gitignore' }],
    rolePacks: [pair.rolePack.pack],
    tasks: [{ task: 'add', role: 'worker', pack: pair.workUnitPack.pack.pack_hash, source: 'file:tasks/add.yaml' }],
    taskScopes: [
      {
        role: 'worker',
        task: 'add',
        scope: ['src/', '*.md'],
        named: ['src/add.ts'],
        selected: [{ source: 'file:src/add.ts', span: 'lines:8-11', tokens: 20 }],
      },
    ],
  })
  files.set('example.lock', formatLockfile(lockfile))
  return files
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
