import { deepEqual, equal, ok } from 'node:assert/strict'

import type { ExtractedText, Extraction, ExtractionRefusal, Extractor, LineRange } from '@ctxlock/contracts/extractor'
import { FallbackReason } from '@ctxlock/contracts/packs'

import type { ConformanceCase } from './conformance-case.ts'
import { hostileTexts } from './hostile-texts.ts'

/** What the cases need to know of the extractor under test. */
export interface ExtractorTarget {
  /** A new one for each case, not prepared yet. */
  readonly create: () => Extractor
  /** A path it matches, and one it does not. */
  readonly path: string
  readonly foreignPath: string
  /** A file of the format that yields anchors. */
  readonly text: string
}

/** Far above what a bounded extractor needs on a busy machine; far below forever. */
const HANG_MILLISECONDS = 60_000
const VERSION = /^[^\p{Cc}\s]{1,200}$/u

/** What every extractor must pass. `for (const { name, run } of extractorConformance(target)) test(name, run)`. */
export function extractorConformance(target: ExtractorTarget): readonly ConformanceCase[] {
  const ready = async (): Promise<Extractor> => {
    const extractor = target.create()
    await extractor.prepare?.()
    return extractor
  }
  return [
    {
      name: 'identity: a name and a version without blanks, the same for every instance',
      run: async () => {
        const [first, second] = [target.create(), target.create()]
        ok(VERSION.test(first.name) && VERSION.test(first.version), 'expected a name and a version without blanks')
        const identity = [first.name, first.version]
        await first.prepare?.()
        deepEqual([first.name, first.version], identity, 'preparing must not change what packs are named after')
        deepEqual([second.name, second.version], identity)
      },
    },
    {
      name: 'matches: by path alone, before anything is loaded',
      run: async () => {
        const extractor = target.create()
        equal(extractor.matches(target.path), true, `expected ${target.path} to match`)
        equal(extractor.matches(target.foreignPath), false, `expected ${target.foreignPath} not to match`)
      },
    },
    {
      name: 'prepare: asking again, also at the same time, does nothing',
      run: async () => {
        const extractor = target.create()
        await Promise.all([extractor.prepare?.(), extractor.prepare?.()])
        const before = extractor.extract(target.text, target.path)
        await extractor.prepare?.()
        deepEqual(extractor.extract(target.text, target.path), before)
      },
    },
    {
      name: 'extract: the example has anchors, inside the file and named',
      run: async () => {
        const answer = (await ready()).extract(target.text, target.path)
        ok(!('refused' in answer), 'expected the example to be read')
        ok(answer.anchors.length > 0, 'expected at least one anchor')
        checkAnswer(answer, target.text)
      },
    },
    {
      name: 'extract: pure; other files in between change nothing',
      run: async () => {
        const extractor = await ready()
        const first = structuredClone(extractor.extract(target.text, target.path))
        for (const text of hostileTexts(target.text).slice(0, 30)) extractor.extract(text, target.path)
        deepEqual(extractor.extract(target.text, target.path), first)
        deepEqual((await ready()).extract(target.text, target.path), first, 'expected the same from a new instance')
      },
    },
    {
      name: 'extract: line feeds with carriage returns, a byte order mark and a missing last line feed are read',
      run: async () => {
        const extractor = await ready()
        const texts = [target.text.replace(/\r?\n/g, '\r\n'), `\ufeff${target.text}`, target.text.trimEnd()]
        for (const text of texts) checkAnswer(extractor.extract(text, target.path), text)
      },
    },
    {
      name: 'extract: hostile and random texts are answered, in bounded time',
      run: async () => {
        const extractor = await ready()
        for (const text of hostileTexts(target.text)) {
          const start = performance.now()
          checkAnswer(extractor.extract(text, target.path), text)
          ok(performance.now() - start < HANG_MILLISECONDS, 'expected an answer in bounded time')
        }
      },
    },
  ]
}

function checkAnswer(answer: Extraction | ExtractionRefusal, text: string): void {
  if ('refused' in answer) {
    ok(FallbackReason.safeParse(answer.refused).success, 'expected a reason of the contract')
    return
  }
  const lineCount = text === '' ? 0 : text.split('\n').length - Number(text.endsWith('\n'))
  for (const { name, kind, hint, depth, ...range } of answer.anchors) {
    checkRange(range, lineCount)
    ok(
      [name, kind, hint].every((value) => typeof value === 'string'),
      'expected name, kind and hint as text',
    )
    ok(Number.isInteger(depth) && depth >= 0, 'expected depth 0 or more')
  }
  const { facts = [], constraints = [], openLoops = [] } = answer
  for (const item of [...facts, ...constraints, ...openLoops]) checkText(item, lineCount)
}

function checkText({ text, ...range }: ExtractedText, lineCount: number): void {
  equal(typeof text, 'string', 'expected a text')
  checkRange(range, lineCount)
}

function checkRange({ startLine, endLine }: LineRange, lineCount: number): void {
  ok(Number.isInteger(startLine) && Number.isInteger(endLine), 'expected whole line numbers')
  ok(
    startLine >= 1 && startLine <= endLine && endLine <= lineCount,
    `expected lines within 1-${lineCount}, got ${startLine}-${endLine}`,
  )
}
