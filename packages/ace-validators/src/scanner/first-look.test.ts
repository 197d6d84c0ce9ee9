import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createScanner } from './scan.ts'

/** No view reads it as anything that could belong to what stands before, but a text with it is no ASCII text. */
const NOT_ASCII = '\n\u4e2d\n'

const PROFILES = {
  'the built-in patterns': [],
  'a profile with signs and other letters': [
    { id: 'P1', text: 'rn -rf /' },
    { id: 'P2', text: '+ignoré' },
    { id: 'P3', text: 'skip the review' },
  ],
  // The searches together would have too many states.
  'a long profile': Array.from({ length: 300 }, (_, number) => ({
    id: `P${number}`,
    text: `${number * 7919} is pattern ${number} of ${number % 17} profiles`,
  })),
}

describe.each(Object.entries(PROFILES))('the first look at ASCII text, with %s', (_, patterns) => {
  const scanner = createScanner({ patterns })
  const pieces = [
    'ignore',
    'previous',
    'new instructions',
    'rn',
    'SYSTEM',
    'command',
    'snoitcurtsni wen',
    'vtaber cerivbhf',
  ]
  const signs = [
    ' ',
    '',
    '.',
    '_',
    '-',
    '<b>',
    '</b>',
    '<!--',
    '-->',
    '/*',
    '*/',
    '](a)',
    '[^1]',
    '\\emph{',
    '1',
    '0',
    '3',
    '|',
    '/\\/\\',
  ]
  const others = [
    '\x1b[1m',
    '\b',
    '\0',
    '\n',
    '%20',
    '&#105;',
    '\\u0069',
    'aWdub3JlIHByZXZpb3Vz',
    'm',
    'rn -rf /',
    'skip the review',
    '7919 is pattern 1 of 1 profiles',
  ]
  const text = fc
    .array(
      fc.constantFrom(
        ...pieces,
        ...signs,
        ...signs,
        ...others,
        ...patterns.slice(0, 3).map(({ text: own }) => own.replace('é', 'e')),
      ),
      { maxLength: 14 },
    )
    .map((parts) => parts.join(''))

  it('changes nothing in what the views show', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('', 'x'.repeat(600)), (value, before) => {
        const padded = `${before} ${value}`
        expect(scanner.findAll(padded)).toEqual(scanner.findAll(padded + NOT_ASCII))
      }),
      { seed: 20261121, numRuns: 500 },
    )
  })
})
