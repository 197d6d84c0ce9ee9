import { canonicalize, textHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { SIGNING_KEY, openLogFolder, recordRun, type LogFolder } from '../../test/log-folder.ts'
import { eventLeafHash } from '../tree/merkle-hash.ts'
import { rootFromInclusion } from '../tree/proofs.ts'
import { checkProof } from './check-proof.ts'
import { checkpointCovering, checkpointLog } from './checkpoint-log.ts'
import { signCheckpoint } from './checkpoint.ts'
import { formatProof, parseProof, type EventProof } from './proof-file.ts'
import { proveEvent } from './prove-event.ts'
import { proveEvents } from './prove-events.ts'
import { logPublicKey } from './public-key.ts'

const sign = ({ database }: LogFolder) => checkpointLog({ database, signingKey: SIGNING_KEY })
const prove = ({ database, publicKey }: LogFolder, seq: number) => proveEvent({ database, seq, publicKey })
const coded = (code: string) => expect.objectContaining({ code })

describe('the proof of an event', () => {
  test('holds for every event of a log, against the first checkpoint that covers it', () => {
    using folder = openLogFolder()
    recordRun(folder, 'one', 2)
    const first = sign(folder)
    recordRun(folder, 'two', 3)
    const { size, root, origin } = sign(folder)
    for (let seq = 1; seq <= size; seq += 1) {
      const checked = checkProof(prove(folder, seq), folder.publicKey)
      const covering = seq <= first.size ? first : { origin, size, root }
      expect(checked).toMatchObject({
        ok: true,
        event: { seq },
        checkpoint: { size: covering.size, root: covering.root },
      })
    }
    expect(checkpointCovering(folder.database, size + 1)).toBeUndefined()
  })

  test('of many is the same as of each, with what they share once', () => {
    using folder = openLogFolder()
    recordRun(folder, 'one', 4)
    const checkpoint = sign(folder)
    const seqs = [1, 2, 7, checkpoint.size]
    const { nodes, proofs } = proveEvents({ database: folder.database, seqs, checkpoint })
    expect(new Set(nodes).size).toBe(nodes.length)
    for (const seq of seqs) {
      const event = parseProof(prove(folder, seq))?.event ?? ''
      const proof = (proofs.get(seq) ?? []).map((place) => nodes[place] ?? '')
      const root = rootFromInclusion(eventLeafHash(textHash(event)), seq - 1, checkpoint.size, proof)
      expect(root).toBe(checkpoint.root)
    }
    const elsewhere = { ...checkpoint, root: '0'.repeat(64) }
    const longer = { ...checkpoint, size: checkpoint.size + 1 }
    for (const wrong of [elsewhere, longer])
      expect(() => proveEvents({ database: folder.database, seqs, checkpoint: wrong })).toThrow(
        coded('HSK-409-LOG-DIVERGED'),
      )
  })

  test('is not given out before it is signed, nor for an event that is none, was changed, or whose tiles are gone', () => {
    using folder = openLogFolder()
    recordRun(folder, 'one')
    expect(() => prove(folder, 1)).toThrow(coded('HSK-404-NOT-SIGNED'))
    const { size } = sign(folder)
    for (const seq of [0, size + 1]) expect(() => prove(folder, seq)).toThrow(coded('HSK-404-NOT-SIGNED'))
    folder.database.exec('DROP TRIGGER flight_event_keeps')
    folder.database.exec(`UPDATE flight_event SET event = replace(event, 'call_intent', 'call_intend') WHERE seq = 2`)
    expect(() => prove(folder, 2)).toThrow(coded('HSK-409-LOG-DIVERGED'))
    folder.database.exec('DELETE FROM flight_tile')
    expect(() => prove(folder, 1)).toThrow(coded('HSK-500-DB'))
  })
})

describe('a proof file', () => {
  /** A file whose parts are as given; by default it proves the first event. */
  function proofOf(folder: LogFolder, changes: Partial<EventProof> = {}): string {
    const parts = parseProof(prove(folder, 1))
    if (!parts) throw new Error('Expected a proof.')
    return formatProof({ ...parts, ...changes })
  }

  test('in which anything was changed proves nothing', () => {
    using folder = openLogFolder()
    recordRun(folder, 'one')
    const checkpoint = sign(folder)
    const parts = parseProof(prove(folder, 1))
    const [first = '', ...rest] = parts?.proof ?? []
    const check = (changes: Partial<EventProof>) => checkProof(proofOf(folder, changes), folder.publicKey).ok
    expect(check({})).toBe(true)
    expect(check({ event: `${parts?.event} ` })).toBe(false)
    expect(check({ index: 1 })).toBe(false)
    expect(check({ index: checkpoint.size })).toBe(false)
    expect(check({ proof: rest })).toBe(false)
    expect(check({ proof: [...rest, first] })).toBe(false)
    expect(check({ checkpoint: checkpoint.note.replace('\n6\n', '\n7\n') })).toBe(false)
    expect(check({ checkpoint: '' })).toBe(false)
  })

  test('is refused with a reason, for another key, another form, and a key that is none', () => {
    using folder = openLogFolder()
    using other = openLogFolder()
    recordRun(folder, 'one')
    sign(folder)
    const whole = proofOf(folder)
    const refused = { ok: false, problem: expect.stringMatching(/\.$/) }
    const publicKeyOfOther = logPublicKey({ database: other.database, key: SIGNING_KEY }).replace(/^[^+]+/, 'elsewhere')
    for (const key of ['', 'a+b+c', publicKeyOfOther]) expect(checkProof(whole, key)).toEqual(refused)
    const unread = [
      '',
      whole.replace('v1', 'v2'),
      ` ${whole}`,
      whole.replace('index 0', 'index 00'),
      whole.replace('index 0', 'index -1'),
      whole.replace('extra ', 'extra'),
      whole.replace(/extra .*/, 'extra '),
      whole.replace('\n\n', '\n'),
    ]
    for (const text of unread) expect(checkProof(text, folder.publicKey), text).toEqual(refused)
  })

  test('of a foreign key of the same name is not taken for one that was changed', () => {
    using folder = openLogFolder()
    recordRun(folder, 'one')
    const { note, ...checkpoint } = sign(folder)
    const unsigned = `${note.split('\n\n')[0]}\n\n— ${checkpoint.origin} AAAAAEFB\n`
    const byNobody = checkProof(proofOf(folder, { checkpoint: unsigned }), folder.publicKey)
    const changed = checkProof(proofOf(folder, { checkpoint: note.replace('\n6\n', '\n7\n') }), folder.publicKey)
    expect([byNobody.ok, changed.ok]).toEqual([false, false])
    expect(byNobody).not.toEqual(changed)
  })

  test('can hold as many hashes as a tree has levels, and no more', () => {
    const proof = (length: number) => ({
      event: 'e',
      index: 0,
      proof: Array(length).fill('ab'.repeat(32)),
      checkpoint: '',
    })
    expect(parseProof(formatProof(proof(64)))).toEqual(proof(64))
    expect(parseProof(formatProof(proof(65)))).toBeUndefined()
  })

  test.each([
    ['no JSON', () => 'not an event'],
    ['an event of another place', (event: string) => canonicalize({ ...JSON.parse(event), seq: 2 })],
    ['no event of the catalogue', (event: string) => canonicalize({ ...JSON.parse(event), type: 'other' })],
  ])('is not believed when what the log signed is %s', (_, change) => {
    using folder = openLogFolder()
    recordRun(folder, 'one')
    const { origin } = sign(folder)
    const event = change(parseProof(prove(folder, 1))?.event ?? '')
    const root = eventLeafHash(textHash(event))
    const checkpoint = signCheckpoint({ origin, size: 1, root }, SIGNING_KEY)
    const text = formatProof({ event, index: 0, proof: [], checkpoint })
    expect(checkProof(text, folder.publicKey)).toMatchObject({ ok: false })
  })
})
