import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { bytesHash, canonicalHash, canonicalize, parseCanonical } from '@ctxlock/core-hash'
import { ContextPackPayload, ContextPackRecord } from '@ctxlock/contracts/packs'
import type { SourceRead, SourceReader } from '@ctxlock/contracts/ports'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CANARIES, clock, memoryReader, memoryStore, testRedactor, tokenCounter } from '../../test/support.ts'
import { describeBuilder } from './builder.ts'
import { readContextPack } from './context-pack-reader.ts'
import { buildContextPack, type ContextPackInput, type ContextPackResult } from './context-pack.ts'

fc.configureGlobal({ seed: 20_260_212 })

const SOURCE = '/** Adds. */\nexport function add(a: number, b: number): number {\n  return a + b\n}\n'

function build(files: Parameters<typeof memoryReader>[0], path: string, more: Partial<ContextPackInput> = {}) {
  const store = memoryStore()
  const input = { path, reader: memoryReader(files), redactor: testRedactor, store, clock, tokenCounter, ...more }
  return { result: buildContextPack(input), store }
}

function built(result: ContextPackResult) {
  if (result.status !== 'built' && result.status !== 'refreshed')
    throw new Error(`not built: ${JSON.stringify(result)}`)
  return result
}

function reasonOf(
  files: Parameters<typeof memoryReader>[0],
  path: string,
  more: Partial<ContextPackInput> = {},
): string {
  const { result, store } = build(files, path, more)
  expect(store.objects.size).toBe(0)
  return result.status === 'not_packed' ? result.reason : result.status
}

describe('a pack of a file', () => {
  const { result, store } = build({ 'src/add.ts': SOURCE }, 'src/add.ts')
  const { record, payload, source } = built(result)

  test('record and payload are valid and belong together', () => {
    expect(ContextPackRecord.parse(record)).toEqual(record)
    expect(ContextPackPayload.parse(payload)).toEqual(payload)
    const bytes = store.get(record.payload_hash)
    expect(parseCanonical(bytes)).toEqual(payload)
    expect(bytesHash(bytes)).toBe(record.payload_hash)
    expect(record.pack_artifact).toMatchObject({ kind: 'file', content_hash: record.payload_hash, exportable: false })
  })

  test.each(['src/a.ts', 'src/\u00e9"\u{1f600}.ts'])('ids follow from source, selector and text: %s', (path) => {
    const text = 'import { b } from "./b.ts"\n// It MUST add "\u00e9" \\ once.\n// TODO: less\nexport const a = b\n'
    const { facts, constraints, open_loops, anchors } = built(build({ [path]: text }, path).result).payload
    const idOf = (prefix: string, { id = '', selector = '' }, ...words: readonly string[]) =>
      prefix + canonicalHash([id, selector, ...words]).slice(0, 12)
    expect([facts, constraints, open_loops, anchors].map(({ length }) => length > 0)).toEqual([true, true, true, true])
    for (const fact of facts) expect(fact.fact_id).toBe(idOf('f-', fact.source_refs[0] ?? {}, fact.text))
    for (const rule of constraints) expect(rule.constraint_id).toBe(idOf('c-', rule.source_refs[0] ?? {}, rule.text))
    for (const loop of open_loops) expect(loop.loop_id).toBe(idOf('l-', loop.source_refs[0] ?? {}, loop.question))
    for (const anchor of anchors) expect(anchor.anchor_id).toBe(idOf('a-', anchor.source_ref))
  })

  test('says what it is a pack of, by raw-byte hash', () => {
    const hash = bytesHash(new TextEncoder().encode(SOURCE))
    expect(source).toEqual({ path: 'src/add.ts', hash, sizeBytes: SOURCE.length, tokens: Math.ceil(SOURCE.length / 4) })
    expect(record.target).toEqual({ ref_type: 'source_ref', ref: { kind: 'span', id: 'file:src/add.ts', hash } })
    expect(record.sources).toEqual([{ source_id: 'file:src/add.ts', source_hash: hash }])
    expect(record).toMatchObject({ source_hashes: [hash], version: 1, created_at: '2026-02-12T02:22:31.408Z' })
  })

  test('quotes and points, and makes nothing up', () => {
    expect(payload.synopsis).toBe('Adds.')
    expect(payload.anchors.map(({ excerpt_hint, source_ref }) => [excerpt_hint, source_ref.selector])).toEqual([
      ['export function add(a: number, b: number): number', 'lines:1-4'],
    ])
    expect(payload.coverage).toEqual({
      scanned_selectors: ['lines:1-4'],
      extractor: 'ecmascript@scanner-2+babel-parser-8.1.2',
    })
    expect(payload.redactions).toEqual([])
  })
})

describe('T-X-CP-01 the same content gives the same pack', () => {
  test('at another time, on another machine, in another version', () => {
    const one = built(build({ 'a.ts': SOURCE }, 'a.ts').result)
    const later = { now: () => 1_800_000_000_000, monotonic: () => 0 }
    const two = built(
      build({ 'a.ts': SOURCE }, 'a.ts', { clock: later, previous: { record: one.record }, forceRebuild: true }).result,
    )
    expect(two.record.payload_hash).toBe(one.record.payload_hash)
    expect(two.record.pack_id).toBe(one.record.pack_id)
    expect(two.record.version).toBe(2)
  })

  test('in another checkout', () => {
    const folders = ['one', 'two'].map((name) => mkdtempSync(join(tmpdir(), `pack-${name}-`)))
    try {
      const hashes = folders.map((folder) => {
        writeFileSync(join(folder, 'a.ts'), SOURCE)
        const reader: SourceReader = { read: (path) => ({ status: 'read', bytes: readFileSync(join(folder, path)) }) }
        return built(build({}, 'a.ts', { reader }).result).record.payload_hash
      })
      expect(hashes[0]).toBe(hashes[1])
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true })
    }
  })

  test('any changed byte changes source hash, payload hash and id', () => {
    const bytes = new TextEncoder().encode(SOURCE)
    const original = built(build({ 'a.ts': bytes }, 'a.ts').result).record
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 127 }), (index, change) => {
        const flipped = Uint8Array.from(bytes)
        flipped[index] = (flipped[index] ?? 0) ^ change
        const { result } = build({ 'a.ts': flipped }, 'a.ts')
        expect(result.source?.hash).not.toBe(original.source_hashes[0])
        if (result.status === 'not_packed') return
        expect(result.record.payload_hash).not.toBe(original.payload_hash)
        expect(result.record.pack_id).not.toBe(original.pack_id)
      }),
      { numRuns: 200 },
    )
  })

  test('the order in which an extractor reports does not matter', () => {
    const anchors = [1, 2, 3, 4].map((line) => ({
      name: `${line}`,
      kind: 'k',
      hint: `h${line}`,
      depth: 0,
      startLine: line,
      endLine: line,
    }))
    const hashWith = (reported: typeof anchors) => {
      const extractors = [{ name: 'x', version: '1', matches: () => true, extract: () => ({ anchors: reported }) }]
      return built(build({ a: '1\n2\n3\n4\n' }, 'a', { extractors }).result).record.payload_hash
    }
    fc.assert(
      fc.property(fc.shuffledSubarray(anchors, { minLength: 4 }), (shuffled) => {
        expect(hashWith(shuffled)).toBe(hashWith(anchors))
      }),
    )
  })
})

describe('reuse and refresh', () => {
  const { result, store } = build({ 'a.ts': SOURCE }, 'a.ts')
  const previous = { record: built(result).record, tokens: { counterId: tokenCounter.id, count: 7 } }

  test('an unchanged file is read once and not parsed again', () => {
    let reads = 0
    const inner = memoryReader({ 'a.ts': SOURCE })
    const reader: SourceReader = { read: (path, options) => ((reads += 1), inner.read(path, options)) }
    const again = buildContextPack({
      path: 'a.ts',
      reader,
      redactor: testRedactor,
      store,
      clock,
      tokenCounter,
      previous,
    })
    expect(again).toMatchObject({ status: 'reused', record: previous.record, source: { tokens: 7 } })
    expect(reads).toBe(1)
  })

  test('a changed file is refreshed with the next version', () => {
    const changed = build({ 'a.ts': `${SOURCE}// end\n` }, 'a.ts', { previous, store }).result
    expect(changed).toMatchObject({
      status: 'refreshed',
      previousPayloadHash: previous.record.payload_hash,
      record: { version: 2 },
    })
  })

  test.each([
    ['another builder', { limits: { maxAnchors: 1 } }],
    ['another redactor', { redactor: { ...testRedactor, version: 'test-redactor@2' } }],
    ['a payload that is gone', { store: memoryStore() }],
    ['force', { forceRebuild: true }],
  ])('%s rebuilds', (_, more) => {
    expect(build({ 'a.ts': SOURCE }, 'a.ts', { previous, store, ...more }).result.status).toBe('refreshed')
  })

  test('the record of another file is no previous version', () => {
    const other = build({ 'b.ts': SOURCE }, 'b.ts', { previous, store }).result
    expect(other).toMatchObject({ status: 'built', record: { version: 1 } })
  })

  test('a file that changed back finds its old pack', () => {
    const newer = built(build({ 'a.ts': `${SOURCE}// end\n` }, 'a.ts', { previous, store }).result)
    const asked: string[] = []
    const findReusable = (key: string) => (asked.push(key), previous)
    const back = build({ 'a.ts': SOURCE }, 'a.ts', { previous: { record: newer.record }, findReusable, store }).result
    expect(back).toMatchObject({ status: 'reused', record: previous.record })
    expect(asked).toHaveLength(1)
  })
})

describe('files that get no pack', () => {
  test.each([
    ['missing', {}],
    ['unreadable', { a: { status: 'unreadable' } as SourceRead }],
    ['outside_workspace', { a: { status: 'outside_workspace' } as SourceRead }],
    ['not_a_file', { a: { status: 'not_a_file' } as SourceRead }],
    ['too_large', { a: 'x'.repeat(4 * 1024 * 1024 + 1) }],
    ['binary', { a: 'text\0text' }],
    ['binary', { a: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0xff) }],
    ['not_utf8', { a: Uint8Array.of(0x66, 0xfc, 0x72) }],
    ['not_utf8', { a: Uint8Array.of(0xff, 0xfe, 0x61, 0x00) }],
    ['PACK_NOT_ANCHORED', { a: '' }],
    ['PACK_NOT_ANCHORED', { a: ' \n\n' }],
  ])('%s', (reason, files) => {
    expect(reasonOf(files, 'a')).toBe(reason)
  })

  test('a reader that ignores the limit does not get its bytes parsed', () => {
    const reader: SourceReader = { read: () => ({ status: 'read', bytes: new Uint8Array(100) }) }
    expect(reasonOf({}, 'a', { reader, limits: { maxSourceBytes: 99 } })).toBe('too_large')
  })

  test('T-X-CP-03 paths that are not workspace-relative', () => {
    for (const path of [
      'C:\\a.ts',
      'C:/a.ts',
      '\\\\host\\a',
      '/etc/passwd',
      '~/a',
      '../a',
      'a/../b',
      'a//b',
      './a',
      'file:///a',
      '',
      'e\u0301.ts',
      'a\nb',
    ]) {
      expect([path, reasonOf({ [path]: SOURCE }, path)]).toEqual([path, 'PACK_ABSOLUTE_PATH'])
    }
  })

  test('T-X-CP-04 governance text is not read at run time', () => {
    expect(reasonOf({ '.GOV/codex.md': '# a\n' }, '.GOV/codex.md')).toBe('PACK_RUNTIME_READ_REF')
  })

  test('a file that changes while it is packed is tried once more, then given up', () => {
    const versions = ['let a = 1\n', 'let a = 2\n', 'let a = 2\n', 'let a = 2\n']
    const changing = (list: string[]): SourceReader => ({
      read: () => ({ status: 'read', bytes: new TextEncoder().encode(list.shift() ?? '') }),
    })
    const settled = built(build({}, 'a.ts', { reader: changing([...versions]) }).result)
    expect(settled.source.hash).toBe(bytesHash(new TextEncoder().encode('let a = 2\n')))
    expect(reasonOf({}, 'a.ts', { reader: changing(['a', 'b', 'c', 'd', 'e']) })).toBe('PACK_SOURCE_UNSTABLE')
  })

  test('a file that vanishes while it is packed', () => {
    const reads: SourceRead[] = [{ status: 'read', bytes: new TextEncoder().encode('let a\n') }]
    const reader: SourceReader = { read: () => reads.shift() ?? { status: 'missing' } }
    expect(reasonOf({}, 'a.ts', { reader })).toBe('missing')
  })

  test('guards see the candidate before anything is written and may refuse it', () => {
    const seen: string[] = []
    const mayPublish: ContextPackInput['mayPublish'] = ({ record, payload }) => {
      seen.push(`${record.sources[0]?.source_id} ${payload.anchors.length}`)
      return false
    }
    expect(reasonOf({ 'a.ts': SOURCE }, 'a.ts', { mayPublish })).toBe('PACK_REFUSED_BY_GUARD')
    expect(seen).toEqual(['file:a.ts 1'])
  })
})

describe('T-X-CP-02 secrets', () => {
  const HOLDERS: Readonly<Record<string, (secret: string) => string>> = {
    'a.ts': (secret) =>
      `/**\n * TODO: remove ${secret}\n * You MUST not ${secret}\n */\nexport type A = "${secret.replaceAll('\n', ' ')}"\n`,
    'b.ts': (secret) => `const a = \`\n${secret}\n\`\n`,
    'a.md': (secret) => `# Title ${secret}\n\nYou MUST use ${secret}\n\n## ${secret}\n`,
    'a.txt': (secret) => `${secret}\n${'filler\n'.repeat(71)}${secret}\n`,
    'a.yaml': (secret) => `a: |\n  ${secret.replaceAll('\n', '\n  ')}\n# TODO: ${secret.split('\n')[0]}\n`,
  }

  for (const [detector, secret] of Object.entries(CANARIES)) {
    test(`${detector} leaves no trace in a pack`, () => {
      for (const [path, holder] of Object.entries(HOLDERS)) {
        const { result, store } = build({ [path]: holder(secret) }, path)
        const stored = [...store.objects.values()].map((bytes) => new TextDecoder().decode(bytes)).join('\n')
        const everything = stored + JSON.stringify(result)
        for (const piece of secret.split('\n')) expect([path, everything.includes(piece)]).toEqual([path, false])
        if (result.status === 'built') {
          for (const { location } of result.payload.redactions)
            expect(at(result.payload, location)).toContain('[REDACTED:')
        }
      }
    })
  }

  test('the lines of a private key are found although their header is elsewhere', () => {
    const body = Array.from({ length: 200 }, (_, i) => `MIICanary${i}${'Q'.repeat(50)}`)
    const key = `-----BEGIN PRIVATE KEY-----\n${body.join('\n')}\n-----END PRIVATE KEY-----\n`
    const { payload } = built(build({ 'key.txt': key }, 'key.txt').result)
    expect(payload.anchors.length).toBeGreaterThan(1)
    expect(canonicalize(payload)).not.toMatch(/MIICanary|QQQQ/)
  })

  test('a secret that was cut is found by its start', () => {
    const long = `eyJ${'A'.repeat(300)}.${'B'.repeat(300)}.${'C'.repeat(600)}`
    const extractors = [
      {
        name: 'cutter',
        version: '1',
        matches: () => true,
        extract: () => ({
          anchors: [{ name: 'a', kind: 'k', hint: long.slice(0, 60), depth: 0, startLine: 1, endLine: 1 }],
        }),
      },
    ]
    const { payload } = built(build({ a: `${long}\n` }, 'a', { extractors }).result)
    expect(payload.anchors[0]?.excerpt_hint).toBe('[REDACTED:token:secret_token]')
  })

  test('a secret that survives fails the build', () => {
    const blind = { ...testRedactor, redact: (text: string) => ({ text, findings: testRedactor.detect(text) }) }
    const hint = `${CANARIES['secret_aws']}`
    const anchors = [{ name: 'a', kind: 'k', hint, depth: 0, startLine: 1, endLine: 1 }]
    const extractors = [{ name: 'x', version: '1', matches: () => true, extract: () => ({ anchors }) }]
    expect(reasonOf({ a: 'a\n' }, 'a', { redactor: blind, extractors })).toBe('PACK_SECRET_DETECTED')
    expect(build({ a: 'a\n' }, 'a', { extractors }).result.status).toBe('built')
  })

  test('a secret in a path fails the build', () => {
    const path = `${CANARIES['secret_aws']}.md`
    expect(reasonOf({ [path]: '# a\n' }, path)).toBe('PACK_SECRET_DETECTED')
  })

  test('redactions are counted where they are, and the removed text is nowhere', () => {
    const { payload } = built(build({ 'a.md': '# Mail a@example.org, b@example.org\n' }, 'a.md').result)
    expect(payload.anchors[0]?.excerpt_hint).toBe('Mail [REDACTED:pii:pii_email], [REDACTED:pii:pii_email]')
    expect(payload.redactions).toEqual([
      { location: '/anchors/0/excerpt_hint', category: 'pii', detector_id: 'pii_email', count: 2 },
      { location: '/synopsis', category: 'pii', detector_id: 'pii_email', count: 2 },
    ])
  })
})

describe('bounds', () => {
  test('the outermost and largest anchors are kept, and what is left out is counted', () => {
    const sections = Array.from({ length: 50 }, (_, i) => `## s${i}\n\ntext\n`).join('\n')
    const { payload } = built(build({ 'a.md': `# top\n\n${sections}` }, 'a.md').result)
    expect(payload.anchors).toHaveLength(32)
    expect(payload.anchors[0]?.excerpt_hint).toBe('top')
    expect(payload.coverage.omitted_items).toBe(19)
  })

  test('texts are cut by code points, after redaction', () => {
    const { payload } = built(build({ 'a.md': `# ${'\u{1F600}'.repeat(2000)}\n` }, 'a.md').result)
    expect(Array.from(payload.anchors[0]?.excerpt_hint ?? '')).toHaveLength(200)
    expect(Array.from(payload.synopsis).length).toBeLessThanOrEqual(800)
  })

  test('an allowlist limits what is scanned', () => {
    const files = { 'a.md': '# a\n\nx\n\n# b\n\ny\n\n# c\n' }
    const { payload } = built(build(files, 'a.md', { selectorAllowlist: ['lines:5-7', 'lines:1-3'] }).result)
    expect(payload.anchors.map(({ excerpt_hint }) => excerpt_hint)).toEqual(['a', 'b'])
    expect(payload.coverage).toMatchObject({
      scanned_selectors: ['lines:1-3', 'lines:5-7'],
      skipped_selectors: ['lines:4-4', 'lines:8-9'],
    })
    expect(reasonOf(files, 'a.md', { selectorAllowlist: ['lines:900-999'] })).toBe('PACK_NOT_ANCHORED')
    expect(() => build(files, 'a.md', { selectorAllowlist: ['all'] })).toThrow(
      expect.objectContaining({ code: 'PACK_INVALID' }),
    )
  })

  test('half a character, which a file can only name by an escape, is replaced', () => {
    const { payload } = built(build({ 'a.json': String.raw`{ "a\ud83d": 1 }` }, 'a.json').result)
    expect(payload.anchors[0]?.excerpt_hint).toBe('a\uFFFD')
    expect(build({ 'a.ts': String.raw`test('\ud83d', () => {})` }, 'a.ts').result.status).toBe('built')
  })

  test('text in a pack is NFC, LF and without control characters', () => {
    const { payload } = built(
      build({ 'a.md': '# e\u0301\u0007 x\r\n\r\nfirst\u0000'.replace('\u0000', '\u0001') }, 'a.md').result,
    )
    expect(payload.synopsis).toBe('\u00e9 x\nfirst')
  })
})

test('no file makes the builder throw, and what it builds is valid and can be read back', () => {
  const piece = fc.constantFrom(
    '# a\n',
    '{"a":',
    '1}',
    'class A {',
    '}',
    '\n',
    '\r\n',
    '\u0000',
    '\uFEFF',
    '"\\ud83d"',
    'password=abcdefgh ',
    'x: y\n',
    '- ',
    'TODO: z\n',
    'You MUST. ',
  )
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(piece, { maxLength: 30 }).map((parts) => new TextEncoder().encode(parts.join(''))),
  )
  fc.assert(
    fc.property(content, fc.constantFrom('a.ts', 'a.md', 'a.json', 'a.yaml', 'a.txt', 'a'), (bytes, path) => {
      const { result, store } = build({ [path]: bytes }, path)
      expect(store.objects.size).toBe(result.status === 'built' ? 1 : 0)
      if (result.status !== 'built') return
      const read = readContextPack(result.record, store.get(result.record.payload_hash))
      expect(read).toMatchObject({ status: 'valid', warnings: [] })
      expect(new TextDecoder().decode(store.get(result.record.payload_hash))).not.toContain('abcdefgh')
    }),
    { numRuns: 500 },
  )
})

describe('what the builder is', () => {
  test('the config hash follows everything that can change a payload', () => {
    const hashes = [
      describeBuilder({ redactor: testRedactor }),
      describeBuilder({ redactor: { ...testRedactor, version: '2' } }),
      describeBuilder({ redactor: testRedactor, extractors: [] }),
      describeBuilder({ redactor: testRedactor, limits: { maxFacts: 1 } }),
      describeBuilder({ redactor: testRedactor, selectorAllowlist: ['lines:1-2'] }),
    ].map(({ config_hash }) => config_hash)
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(describeBuilder({ redactor: testRedactor }).config_hash).toBe(hashes[0])
  })
})

function at(value: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
      value,
    )
}
