import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseCompletionSignal } from './completion-signal.ts'

fc.configureGlobal({ seed: 20261120 })

const complete = `<mt_complete>
MT_ID: MT-001
EVIDENCE:
- "The limit is 30" -> src/a.ts:1
- "It says \\"why\\" -> here" \u2192 src/b c.ts:3-9
</mt_complete>`
const blocked = '<blocked>\nREASON: missing_file_in_scope\nNEED: src/c.ts\n</blocked>'
const parse = (output: string) => parseCompletionSignal(output, 'MT-001')

describe('the three kinds of output', () => {
  test('a claim with its evidence', () => {
    expect(parse(`I did it.\n\n${complete}\n`)).toEqual({
      kind: 'complete',
      mt_id: 'MT-001',
      evidence: [
        { criterion: 'The limit is 30', path: 'src/a.ts', start_line: 1, end_line: 1 },
        { criterion: 'It says \\"why\\" -> here', path: 'src/b c.ts', start_line: 3, end_line: 9 },
      ],
    })
  })

  test('a surrounding code fence and CRLF change nothing', () => {
    expect(parse(`\`\`\`\n${complete}\n\`\`\``)).toEqual(parse(complete))
    expect(parse(complete.replaceAll('\n', '\r\n'))).toEqual(parse(complete))
  })

  test('a block with its reason', () => {
    expect(parse(blocked)).toEqual({ kind: 'blocked', reason: 'missing_file_in_scope', need: 'src/c.ts' })
  })

  test('no block is still working, code that looks like one included', () => {
    expect(parse('I will go on.')).toEqual({ kind: 'working' })
    expect(parse('const set: Set<Blocked> = new Set()\nif (a <blocked) x()')).toEqual({ kind: 'working' })
  })

  test('a reason is one line of bounded length whatever the model writes', () => {
    const signal = parse(`<blocked>\nREASON: a\tb\u0007${'x'.repeat(2000)}\nNEED: y\n</blocked>`)
    expect(signal.kind === 'blocked' && signal.reason).toMatch(/^a b x{508}$/)
  })
})

describe('everything else is malformed (T-MT-11)', () => {
  test.each([
    ['duplicate_block', `${complete}\n${complete}`],
    ['duplicate_block', complete.replace('EVIDENCE:', '<mt_complete>\nEVIDENCE:')],
    ['duplicate_block', `${blocked}${blocked}`],
    ['both_kinds', `${complete}\n${blocked}`],
    ['both_kinds', complete.replace('</mt_complete>', '</blocked>')],
    ['unclosed_tag', complete.replace('</mt_complete>', '')],
    ['unclosed_tag', 'Use <mt_complete> when done'],
    ['unclosed_tag', complete.replace('</mt_complete>', '<mt_complete>')],
    ['misplaced_tag', '</mt_complete>'],
    ['misspelled_tag', complete.replace('<mt_complete>', '<MT_COMPLETE>')],
    ['misspelled_tag', complete.replace('<mt_complete>', '< mt_complete>')],
    ['misspelled_tag', complete.replace('<mt_complete>', '<mt_complete id="1">')],
    ['misspelled_tag', complete.replace('</mt_complete>', '</mt_complete')],
    ['wrong_id', complete.replace('MT-001', 'MT-002')],
    ['wrong_id', complete.replace('MT_ID: MT-001', 'MT_ID: <id>')],
    ['missing_field', '<mt_complete></mt_complete>'],
    ['missing_field', complete.replace('MT_ID: MT-001\n', '')],
    ['missing_field', '<mt_complete>\nMT_ID: MT-001\nEVIDENCE:\n</mt_complete>'],
    ['missing_field', blocked.replace('NEED: src/c.ts\n', '')],
    ['missing_field', blocked.replace('missing_file_in_scope', '')],
    ['unexpected_line', blocked.replace('NEED: src/c.ts', 'NEED: src/c.ts\nand more')],
    ['unexpected_line', complete.replace('EVIDENCE:', 'PROOF:')],
    ['unexpected_line', complete.replace('src/a.ts:1', 'src/a.ts')],
    ['unexpected_line', complete.replace('src/a.ts:1', 'src/a.ts:0')],
    ['unexpected_line', complete.replace(':3-9', ':9-3')],
    ['unexpected_line', complete.replace('->', '=>')],
    ['unexpected_line', complete.replace('"The limit is 30"', 'The limit is 30')],
    ['unexpected_line', complete.replace('"The limit is 30"', '""')],
    ['unexpected_line', complete.replace('The limit', 'x'.repeat(600))],
  ])('%s: %s', (problem, output) => {
    expect(parse(output)).toEqual({ kind: 'malformed', problem })
  })

  test('hostile outputs of a megabyte are parsed in linear time', () => {
    const outputs = [
      '<mt_complete>'.repeat(80_000),
      '<'.repeat(1_000_000),
      `<mt_complete>\nMT_ID: MT-001\nEVIDENCE:\n- "${'" -> a:'.repeat(140_000)}\n</mt_complete>`,
      `<mt_complete>\nMT_ID: MT-001\nEVIDENCE:\n${`- "${'" -> a:'.repeat(1000)}\n`.repeat(140)}</mt_complete>`,
      `<blocked>\nREASON: ${' '.repeat(1_000_000)}x\nNEED: y\n</blocked>`,
    ]
    const started = process.threadCpuUsage()
    for (const output of outputs) expect(parse(output).kind).not.toBe('complete')
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(5000)
  })

  test('no output throws, and only a whole block claims anything', () => {
    const piece = fc.constantFrom(
      '<mt_complete>',
      '</mt_complete>',
      '<blocked>',
      '</blocked>',
      'MT_ID: MT-001',
      'EVIDENCE:',
      '- "a" -> b:1',
      'REASON: x',
      'NEED: y',
      '\n',
      'text',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const signal = parse(pieces.join('\n'))
        if (signal.kind !== 'complete') return
        expect(pieces.filter((one) => one === '<mt_complete>')).toHaveLength(1)
        expect(pieces.filter((one) => one === '</mt_complete>')).toHaveLength(1)
        expect(pieces).not.toContain('<blocked>')
      }),
      { numRuns: 2000 },
    )
  })
})
