import { expect, test } from 'vitest'

import { holdsUnseenText } from './unseen-text.ts'

const LONG = 'The seventh page of the book says more than a word of the wire, and this is what it says.'
const FILE = Buffer.from(`${LONG} It came as a file.`)
const BASE64 = FILE.toString('base64')

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const shownWith = (...content: readonly unknown[]): Uint8Array =>
  bytesOf({ options: { prompt: [{ role: 'user', content }] } })
const file = (mediaType: string) => ({ type: 'file', mediaType, data: { type: 'data', data: BASE64 } })
const text = (value: string) => ({ type: 'text', text: value })

test.each<[string, Uint8Array, unknown]>([
  ['a text', shownWith(text(LONG)), LONG],
  ['words of the wire', shownWith(), { role: 'user', type: 'x'.repeat(64) }],
  ['JSON in a string', shownWith({ input: { why: LONG } }), JSON.stringify({ b: 1, why: LONG })],
  ['a file', shownWith(file('image/png')), BASE64],
  ['a file as a data URL', shownWith(file('image/png')), `data:image/png;base64,${BASE64}`],
  ['a text file as its text', shownWith(file('text/plain')), String(FILE)],
  ['the texts of a message one behind the other', shownWith(text(LONG), text(`${LONG}!`)), `${LONG}${LONG}!`],
])('%s that was shown is seen', (_, shown, wire) => {
  expect(holdsUnseenText(bytesOf({ wire }), shown)).toBe(false)
})

test.each<[string, Uint8Array, unknown]>([
  ['a text', shownWith(text('Hello.')), LONG],
  ['a name', shownWith(text('Hello.')), { [LONG]: 1 }],
  [
    'a data URL of another file',
    shownWith(file('image/png')),
    `data:image/png;base64,${Buffer.from(LONG).toString('base64')}`,
  ],
  ['what only starts like a data URL', shownWith(text('Hello.')), `data:text/plain,${LONG}`],
  ['the text of a file that no guard reads', shownWith(file('image/png')), String(FILE)],
  ['a text and reasoning as one', shownWith(text(LONG), { type: 'reasoning', text: LONG }), `${LONG}${LONG}`],
])('%s that was not shown is found', (_, shown, wire) => {
  expect(holdsUnseenText(bytesOf({ wire }), shown)).toBe(true)
})
