import { generateKeyPairSync, sign } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { formatVerifierKey, openNote, parseVerifierKey, signNote, verifierOf } from './signed-note.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const name = 'ctxlock.local/a'
const verifier = verifierOf(name, publicKey)
const note = signNote('text\n', { name, privateKey })
const [, line = ''] = note.split('\n\n')
const damaged = { state: 'damaged' }

describe('a note that is none is damaged, whatever stands in it', () => {
  test.each([
    ['nothing', ''],
    ['no blank line', note.replace('\n\n', '\n')],
    ['no last line end', note.trimEnd()],
    ['a line before the signature', `text\n\nmore\n${line}`],
    ['text in front of the signature', `text\n\nx${line}`],
    ['text behind the signature', `text\n\n${line.trimEnd()} x\n`],
    ['an id without a signature', `text\n\n— ${name} ${Buffer.from(verifier.id, 'hex').toString('base64')}\n`],
    ['its own signature twice', `${note}${line}`],
    ['a signature of another text', note.replace('text', 'next')],
  ])('%s', (_, text) => {
    expect(openNote(text, verifier)).toEqual(damaged)
  })

  test('a control character, though it was signed', () => {
    for (const text of ['a\u0000b\n', 'a\tb\n', 'a\r\n'])
      expect(openNote(signNote(text, { name, privateKey }), verifier)).toEqual(damaged)
  })

  test('more than a million characters', () => {
    const ofLength = (length: number) => signNote(`${'a'.repeat(length - note.length + 4)}\n`, { name, privateKey })
    expect(ofLength(1_000_000)).toHaveLength(1_000_000)
    expect(openNote(ofLength(1_000_000), verifier).state).toBe('signed')
    expect(openNote(ofLength(1_000_001), verifier)).toEqual(damaged)
  })
})

test('lines of other keys neither help nor harm', () => {
  const other = generateKeyPairSync('ed25519').privateKey
  const [, foreign = ''] = signNote('text\n', { name: 'elsewhere', privateKey: other }).split('\n\n')
  expect(openNote(`text\n\n${foreign}${line}`, verifier)).toEqual({ state: 'signed', text: 'text\n' })
  expect(openNote(`text\n\n${foreign}`, verifier)).toEqual({ state: 'other_key', text: 'text\n' })
})

describe('a public key as text', () => {
  const text = formatVerifierKey(verifier)
  const [, id = '', key = ''] = text.split('+', 2).concat(text.slice(text.indexOf('+', name.length + 1) + 1))

  test('is read with white space around it, and with nothing else', () => {
    expect(parseVerifierKey(` ${text}\n`)).toMatchObject({ name, id: verifier.id })
    for (const other of [`x ${text}`, `${text}!`, `${text} x`, `+${text}`])
      expect(parseVerifierKey(other), other).toBeUndefined()
  })

  test('is none with another algorithm, another length or another id', () => {
    const withKey = (bytes: Uint8Array) => `${name}+${id}+${Buffer.from(bytes).toString('base64')}`
    const bytes = Buffer.from(key, 'base64')
    expect(parseVerifierKey(withKey(bytes))).toBeDefined()
    expect(parseVerifierKey(withKey(bytes.with(0, 2)))).toBeUndefined()
    expect(parseVerifierKey(withKey(bytes.subarray(0, -1)))).toBeUndefined()
    expect(parseVerifierKey(withKey(Buffer.concat([bytes, Buffer.alloc(1)])))).toBeUndefined()
    expect(parseVerifierKey(`${name}+00000000+${key}`)).toBeUndefined()
  })
})

describe('a checkpoint that was signed and is in another form', () => {
  const root = Buffer.alloc(32, 7)
  const encoded = root.toString('base64')
  test.each([
    ['an empty line in front', `\n${name}\n5\n${encoded}\n`],
    ['an empty line behind', `${name}\n5\n${encoded}\n\nmore\n`],
    ['a root that is spelled in another way', `${name}\n5\n${encoded.slice(0, -2)}d=\n`],
    ['a root too short', `${name}\n5\n${Buffer.alloc(31).toString('base64')}\n`],
    ['no root', `${name}\n5\n`],
  ])('%s', (_, text) => {
    expect(openCheckpoint(signNote(text, { name, privateKey }), verifier)).toEqual(damaged)
  })

  test('the plain form is read', () => {
    const checkpoint = { origin: name, size: 5, root: root.toString('hex') }
    expect(openCheckpoint(signCheckpoint(checkpoint, privateKey), verifier)).toEqual({ state: 'signed', checkpoint })
  })
})

test('a signature is one over the text itself', () => {
  const signature = Buffer.concat([Buffer.from(verifier.id, 'hex'), sign(null, Buffer.from('text\n'), privateKey)])
  expect(note).toBe(`text\n\n— ${name} ${signature.toString('base64')}\n`)
})
