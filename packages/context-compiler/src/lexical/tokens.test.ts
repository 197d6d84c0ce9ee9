import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { queryTerms, tokenise, wordBag } from './tokens.ts'

describe('tokens', () => {
  test.each([
    ['parseConfigFile', ['parseconfigfil', 'pars', 'config', 'fil']],
    ['parse_config_file', ['parseconfigfil', 'pars', 'config', 'fil']],
    ['HTTPServer2', ['httpserver2', 'http', 'server', '2']],
    ['sha256', ['sha256', 'sha', '256']],
    ['XMLHttpRequest', ['xmlhttprequest', 'xml', 'http', 'request']],
    ['src/checksum.ts', ['src', 'checksum', 'ts']],
    ['__init__', ['init']],
    ['Größe', ['große']],
    ['ＡＢＣ', ['abc']],
    ['漢字かな', ['漢', '字', 'か', 'な', '漢字', '字か', 'かな']],
    ['😀 — « »', []],
  ])('of %s', (text, expected) => {
    expect(tokenise(text)).toEqual(expected)
  })

  test.each([
    ['verify', 'verified', 'verifies', 'verifying'],
    ['hash', 'hashes', 'hashed', 'hashing'],
    ['parse', 'parses', 'parsed', 'parsing'],
    ['stop', 'stops', 'stopped', 'stopping'],
    ['cache', 'caches', 'cached', 'caching'],
    ['call', 'calls', 'called', 'calling'],
    ['retry', 'retries', 'retried', 'retrying'],
    ['class', 'classes'],
    ['string', 'strings'],
  ])('%s and its forms meet', (...words) => {
    expect(new Set(words.flatMap(tokenise)).size).toBe(1)
  })

  test('stop words go unless there is nothing else', () => {
    expect(queryTerms('How is the checksum of a box computed?')).toEqual(['checksum', 'box', 'comput'])
    expect(queryTerms('what is this')).toEqual(tokenise('what is this'))
    expect(queryTerms('?!… «»')).toEqual([])
  })

  test('any text gives harmless tokens: no space, quote, control or FTS syntax, none longer than 128 units', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const token of tokenise(text)) expect(token).toMatch(/^[\p{L}\p{N}]{1,128}$/u)
        expect(wordBag(text).split(' ').filter(Boolean)).toEqual(tokenise(text).toSorted())
        expect(queryTerms(text).length).toBeLessThanOrEqual(64)
      }),
      { seed: 20261120, numRuns: 1000 },
    )
  })

  test('encoded data is no word', () => {
    expect(tokenise(`const blob = "${'QUJD'.repeat(300_000)}"`)).toEqual(['const', 'blob'])
  })
})
