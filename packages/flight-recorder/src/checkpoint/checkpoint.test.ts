import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { formatVerifierKey, openNote, parseVerifierKey, signNote, verifierOf } from './signed-note.ts'

const SEED = 20261122
const file = join(import.meta.dirname, '../../../../vectors/transparency-log/notes.json')
const vectors: { notes: { from: string; key: string; seed?: string; note: string }[] } = JSON.parse(
  readFileSync(file, 'utf8'),
)
const keyOf = (seed: string) =>
  createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'), format: 'der', type: 'pkcs8' })

describe('notes that others signed', () => {
  test.each(vectors.notes)('$from', ({ key, note, seed }) => {
    const verifier = parseVerifierKey(key)
    if (!verifier) throw new Error('Expected a key')
    const [text = ''] = note.split('\n\n')
    expect(formatVerifierKey(verifier)).toBe(key)
    expect(openNote(note, verifier)).toEqual({ state: 'signed', text: `${text}\n` })
    expect(openNote(note.replace('i', 'j'), verifier)).toEqual({ state: 'damaged' })
    expect(openNote(note, undefined).state).toBe('other_key')
    if (seed) expect(signNote(`${text}\n`, { name: verifier.name, privateKey: keyOf(seed) })).toBe(note)
  })
})

describe('checkpoints', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const verifier = verifierOf('ctxlock.local/a', publicKey)
  const checkpoint = { origin: 'ctxlock.local/a', size: 20_852_163, root: 'ab'.repeat(32) }
  const note = signCheckpoint(checkpoint, privateKey)

  test('are read as they were signed, and by their own key only', () => {
    expect(openCheckpoint(note, verifier)).toEqual({ state: 'signed', checkpoint })
    expect(openCheckpoint(note, undefined)).toEqual({ state: 'other_key', checkpoint })
    const other = verifierOf('ctxlock.local/a', generateKeyPairSync('ed25519').publicKey)
    expect(openCheckpoint(note, other)).toEqual({ state: 'other_key', checkpoint })
    // Somebody who has a key of this name for another log cannot pass its checkpoints off as this one's.
    const foreign = signNote(note.split('\n\n')[0]?.replace('local/a', 'local/b') + '\n', {
      name: verifier.name,
      privateKey,
    })
    expect(openCheckpoint(foreign, verifier)).toEqual({ state: 'damaged' })
  })

  test('with anything changed are not believed', () => {
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.constantFrom('', '0', 'A', '\n', ' ', '\u0000', '—'), (at, put) => {
        const changed = note.slice(0, at) + put + note.slice(at + 1)
        if (changed === note) return
        // The last character of base64 can be spelled differently; the decoded signature is then still the right one.
        const opened = openCheckpoint(changed, verifier)
        if (opened.state === 'signed') expect(opened.checkpoint).toEqual(checkpoint)
        else expect(['other_key', 'damaged']).toContain(opened.state)
      }),
      { seed: SEED, numRuns: 2000 },
    )
  })

  test.each(['01', '-1', '1e3', '9007199254740993', '', ' 5'])('a size spelled %j is refused', (size) => {
    const text = `${checkpoint.origin}\n${size}\n${Buffer.alloc(32).toString('base64')}\n`
    expect(openCheckpoint(signNote(text, { name: checkpoint.origin, privateKey }), verifier).state).toBe('damaged')
  })

  test('extension lines are allowed, and signed', () => {
    const text = `${note.split('\n\n')[0]}\nmore\n`
    expect(openCheckpoint(signNote(text, { name: checkpoint.origin, privateKey }), verifier).state).toBe('signed')
  })

  test.each(['', 'a', 'a+b', 'a+00000000+AA==', 'name+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'])(
    'the key %j is none',
    (text) => {
      expect(parseVerifierKey(text)).toBeUndefined()
    },
  )
})
