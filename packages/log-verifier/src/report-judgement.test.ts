import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { event, LOG, RUN, signerOf, TEXTS, writtenReport } from '../test/written-report.ts'
import { judgeReport, parseReport } from './browser.ts'
import type { ReportFile } from './browser.ts'

describe('a report nobody changed', () => {
  test('is whole by its own key, signed by the reader, and verified only with a checkpoint from elsewhere', async () => {
    const { file, signer, checkpoint } = writtenReport()
    const key = signer.publicKey
    expect(await judgeReport(file)).toMatchObject({ verdict: 'whole', keyFrom: 'file', problems: [] })
    expect(await judgeReport(file, { checkpoint })).toMatchObject({ verdict: 'whole', anchor: 'same' })
    expect(await judgeReport(file, { key })).toMatchObject({ verdict: 'signed', anchor: 'not_given' })
    expect(await judgeReport(file, { key, checkpoint })).toMatchObject({ verdict: 'verified', anchor: 'same' })
    expect((await judgeReport(file, { key })).runs).toEqual([
      { run: RUN, partOf: RUN, state: 'complete', events: 4, erased: 0, expected: 4 },
    ])
  })

  test('without a key or a checkpoint is confirmed by nothing', async () => {
    const { file } = writtenReport()
    expect(await judgeReport({ ...file, public_key: null })).toMatchObject({ verdict: 'unsigned', problems: [] })
    const unsigned = {
      ...file,
      checkpoint: null,
      nodes: [],
      events: file.events.map((one) => ({ ...one, proof: null })),
    }
    const { verdict, events } = await judgeReport(unsigned)
    expect([verdict, new Set(events.map(({ state }) => state))]).toEqual(['unsigned', new Set(['uncovered'])])
  })

  test('calls what came after the checkpoint uncovered', async () => {
    const { file, signer, checkpoint } = writtenReport(TEXTS, { covered: 3 })
    const { verdict, events } = await judgeReport(file, { key: signer.publicKey, checkpoint })
    expect(verdict).toBe('verified')
    expect(events.map(({ seq, state }) => [seq, state])).toEqual([
      [1, 'in_tree'],
      [3, 'in_tree'],
      [4, 'uncovered'],
      [5, 'uncovered'],
    ])
  })

  test('with no event up to the checkpoint is confirmed by nothing, whatever key and checkpoint fit', async () => {
    const { file, signer, checkpoint } = writtenReport(TEXTS, { covered: 0 })
    expect(await judgeReport(file, { key: signer.publicKey, checkpoint })).toMatchObject({
      verdict: 'unsigned',
      anchor: 'same',
      problems: [],
    })
  })

  test('says that a run has no end, and misses an event of it by the word of the writer', async () => {
    const { file } = writtenReport(TEXTS.slice(0, 4))
    expect(await judgeReport(file)).toMatchObject({ verdict: 'whole', runs: [{ state: 'incomplete', expected: 3 }] })
    const { verdict, problems } = await judgeReport(withoutLast(file))
    expect([verdict, problems[0]]).toEqual(['broken', expect.stringContaining('2 events in this file')])
  })
})

describe('another key or checkpoint', () => {
  test('is refused, whoever has it', async () => {
    const { file, signer } = writtenReport()
    const key = signer.publicKey
    const other = writtenReport([...TEXTS.slice(0, 4), event(5, RUN, 'run_end', { events_expected: 4, exit_code: 0 })])
    const refused = async (known: Parameters<typeof judgeReport>[1], problem: string) => {
      const { verdict, problems } = await judgeReport(file, known)
      expect([verdict, problems.join(' ')]).toEqual(['broken', expect.stringContaining(problem)])
    }
    await refused({ key: signerOf(LOG).publicKey }, 'The key you gave did not sign')
    await refused({ key, checkpoint: other.checkpoint }, 'signed with another key')
    await refused({ key, checkpoint: 'no note' }, 'is none')
    const root = Buffer.alloc(32).toString('base64')
    await refused({ key, checkpoint: signer.note(`${LOG}\n5\n${root}\n`) }, 'of another log')
    expect(await judgeReport(file, { key, checkpoint: signer.note(`${LOG}\n6\n${root}\n`) })).toMatchObject({
      verdict: 'signed',
      anchor: 'other_size',
    })
    await expect(judgeReport(file, { key: 'none' })).rejects.toThrow('Expected a public key')
  })
})

describe('erased texts', () => {
  const order = (seq: number, from: number, to: number) =>
    event(seq, undefined, 'erasure_ordered', {
      events: [{ from, to }],
      runs: [{ events: to - from + 1, workflow_run_id: RUN }],
    })

  test('are erased when an order in the tree names them', async () => {
    const { file } = writtenReport([...TEXTS, order(6, 4, 4)], { erased: [4] })
    const { verdict, events, runs } = await judgeReport(file)
    expect([verdict, events.find(({ seq }) => seq === 4)?.state]).toEqual(['whole', 'erased'])
    expect(runs).toEqual([{ run: RUN, partOf: RUN, state: 'complete', events: 3, erased: 1, expected: 4 }])
  })

  test('were taken away when none does, or only one that is not in the tree', async () => {
    expect(await judgeReport(writtenReport(TEXTS, { erased: [4] }).file)).toMatchObject({ verdict: 'broken' })
    const { file } = writtenReport([...TEXTS, order(6, 4, 4)], { covered: 5, erased: [4] })
    expect(await judgeReport(file)).toMatchObject({ verdict: 'broken' })
  })

  test('are not counted out, however many an order names', async () => {
    const { file } = writtenReport([...TEXTS, order(6, 4, Number.MAX_SAFE_INTEGER)], { erased: [4, 5] })
    const { verdict, events } = await judgeReport(file)
    expect([verdict, events.map(({ state }) => state)]).toEqual([
      'whole',
      ['in_tree', 'in_tree', 'erased', 'erased', 'in_tree'],
    ])
  })

  test('count for a run only when the order was carried out', async () => {
    const { file } = writtenReport([...TEXTS, order(6, 4, 4)])
    expect(await judgeReport(file)).toMatchObject({ verdict: 'whole', runs: [{ events: 4, erased: 0 }] })
  })
})

describe('a report that was edited', () => {
  const { file, signer } = writtenReport()
  const known = { key: signer.publicKey }
  const edits: readonly (readonly [string, ReportFile])[] = [
    ['one event less', { ...file, events: file.events.toSpliced(1, 1) }],
    ['no last event', withoutLast(file)],
    ['an event twice', { ...file, events: [...file.events, ...file.events.slice(-1)] }],
    ['events in another order', { ...file, events: file.events.toReversed() }],
    ['an event without its proof', { ...file, events: file.events.map((one) => ({ ...one, proof: null })) }],
    ['an event of another run', { ...file, statement: file.statement.replace(RUN, 'run-9') }],
    ['a record more', { ...file, records: ['{}'] }],
    ['a hash too many', { ...file, nodes: [...file.nodes, '0'.repeat(64)] }],
    ['the statement of another report', { ...file, statement_note: signer.note('other\n') }],
    ['a checkpoint of another length', { ...file, checkpoint: (file.checkpoint ?? '').replace('\n5\n', '\n6\n') }],
  ]
  test.each(edits)('with %s is broken', async (_, edited) => {
    const { verdict, problems } = await judgeReport(edited, known)
    expect(verdict).toBe('broken')
    expect(problems.length).toBeGreaterThan(0)
  })

  test('to hold a value that overflows a stack, or a key that takes forever to read, is judged all the same', async () => {
    const deep = TEXTS[2]?.replace('"payload":{', `"payload":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)},`) ?? ''
    const log = writtenReport(TEXTS.with(2, deep))
    const { verdict, events } = await judgeReport(log.file, { key: log.signer.publicKey })
    expect([verdict, events.map(({ state }) => state)]).toEqual(['broken', ['in_tree', 'broken', 'in_tree', 'in_tree']])
    expect((await judgeReport({ ...file, public_key: `a+b+${'='.repeat(1_000_000)}x` })).verdict).toBe('broken')
  })

  test('anywhere in its text is broken, or no report any more, or says the same', async () => {
    const text = JSON.stringify(file)
    const whole = await judgeReport(file, known)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('a', '0', '"', '\\', '}', '[', ',', 'é'),
        async (at, character) => {
          const edited = parseReport(text.slice(0, at) + character + text.slice(at + 1))
          const judged = edited && (await judgeReport(edited, known))
          if (judged && judged.verdict !== 'broken') {
            // Another key in the file does not matter to who gives their own; base64 may have two spellings of one value.
            expect({ ...judged, statement: 0 }).toEqual({ ...whole, statement: 0 })
            expect(judged.statement.value).toEqual(whole.statement.value)
          }
        },
      ),
      { seed: 20_261_122, numRuns: 300 },
    )
  })
})

function withoutLast(file: ReportFile): ReportFile {
  const events = file.events.slice(0, -1)
  const used = new Set(events.flatMap(({ proof }) => proof ?? []))
  const nodes = file.nodes.filter((_, at) => used.has(at))
  const placeOf = (at: number) => nodes.indexOf(file.nodes[at] ?? '')
  return { ...file, nodes, events: events.map((one) => ({ ...one, proof: one.proof?.map(placeOf) ?? null })) }
}
