import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { looksRandom, withoutRandomText } from './random-text.ts'

const SEED = 20261121
const MARK = '[REDACTED:token:random_text]'
// Made up, and put together here so that no scanner of this repository takes them for real ones.
const RANDOM = ['q7ZkT2mVx9LpR4s', 'Wb8NcY3dF6hJ0gK'].join('')

describe('what looks random goes', () => {
  it.each([
    [`use ${RANDOM} until Friday`, `use ${MARK} until Friday`],
    [`("${RANDOM}")`, `("${MARK}")`],
    [`"gsk_Wm" + "${RANDOM}"`, `"gsk_Wm" + "${MARK}"`],
    [`key: a1/${RANDOM}+x==, next`, `key: ${MARK}, next`],
    [`MzKpQwXvBnTrYsLdGhJf`, MARK],
  ])('%s', (text, expected) => {
    expect(withoutRandomText(text, MARK)).toEqual({ text: expected, count: 1 })
  })

  it('wherever it stands, behind and before words of any length', () => {
    const random = RANDOM.slice(0, 14)
    for (let before = 0; before < 40; before += 1) {
      const text = `${'a'.repeat(before)} ${random} createWorkspaceReader`
      expect(withoutRandomText(text, MARK), text).toEqual({ text: text.replace(random, MARK), count: 1 })
    }
  })

  it('finds nearly every random text, and halves of it', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
    const random = fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength: 20, maxLength: 64 })
    const texts = fc.sample(fc.noBias(random), { seed: SEED, numRuns: 3000 })
    expect(texts.filter((text) => looksRandom(text)).length / texts.length).toBeGreaterThan(0.98)
  })
})

describe('what people and digests write stays', () => {
  it.each([
    'export function createContextPackFreshnessGuard(configuration: RetrievalBudgetOptions): void',
    'packages/context-pack/src/extractors/checked-extraction.test.ts',
    'getHTMLElementByIdentifier MAX_CONCURRENT_CONNECTIONS_PER_HOST internationalization',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxx aaaaaaaaaaaaaaaaaaaaaaaa ------------------------',
    'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
    'image@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '67eafffa-7b22-45cc-b5f6-b5516c9443b5',
    `"integrity": "sha512-${RANDOM}${RANDOM}/${RANDOM}=="`,
    `golang.org/x/text v0.14.0 h1:${RANDOM}${RANDOM}=`,
    `data:image/png;base64,iVBORw0KGgo${RANDOM}`,
    `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${RANDOM} me`,
    '2026-01-12T08:14:02.123456789Z 1234567890123456789',
    'the x86_64-unknown-linux-gnu build of utf8-base64url-sha256',
  ])('%s', (text) => {
    expect(withoutRandomText(text, MARK)).toEqual({ text, count: 0 })
  })
})

it('takes linear time', () => {
  const hostile = `${'aZ9'.repeat(200_000)}/`.repeat(2)
  const started = process.threadCpuUsage()
  withoutRandomText(hostile, MARK)
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(4000)
})
