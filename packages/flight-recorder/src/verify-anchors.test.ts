import { DatabaseSync } from 'node:sqlite'
import { readFileSync, writeFileSync } from 'node:fs'

import { draftOf } from '@ctxlock/contracts/testing'
import { describe, expect, test } from 'vitest'

import { SIGNING_KEY, fileAnchor, keptIn, openLogFolder, recordRun } from '../test/log-folder.ts'
import { editorOf, openForTampering, verifyOver } from '../test/tampering.ts'
import { signCheckpoint } from './checkpoint/checkpoint.ts'
import { anchorLog, readAnchors, verifyLog } from './index.ts'

describe('the checkpoint an anchor keeps', () => {
  test('without one a whole log is unanchored, never intact', () => {
    using folder = openLogFolder()
    recordRun(folder, 'run')
    expect(folder.verify()).toMatchObject({ verdict: 'unanchored', ranges: [{ state: 'unanchored', from: 1, to: 6 }] })
    expect(verifyLog({ database: folder.database }).verdict).toBe('unanchored')
  })

  test('events after it are whole, not anchored', async () => {
    using folder = openLogFolder()
    recordRun(folder, 'one')
    await folder.anchor()
    recordRun(folder, 'two')
    expect(folder.verify()).toMatchObject({
      verdict: 'unanchored',
      ranges: [
        { state: 'intact', from: 1, to: 6 },
        { state: 'unanchored', from: 7, to: 12 },
      ],
    })
  })

  test('a log that was removed altogether, or begun anew, is missing its events', async () => {
    using folder = openLogFolder()
    recordRun(folder, 'run')
    await folder.anchor()
    const empty = new DatabaseSync(':memory:')
    expect(verifyOver(empty, folder)).toMatchObject({
      verdict: 'broken',
      events: 0,
      ranges: [{ state: 'missing', from: 1, to: 6 }],
    })
    using anew = openLogFolder(empty)
    anew.recorder.record(draftOf('diagnostic'))
    expect(verifyOver(empty, folder).ranges).toEqual([
      { state: 'unanchored', from: 1, to: 1 },
      { state: 'missing', from: 2, to: 6 },
    ])
  })

  test('a note that was cut, changed or replaced is reported, and is not taken for none', async () => {
    using folder = openLogFolder()
    recordRun(folder, 'run')
    await folder.anchor()
    const note = readFileSync(folder.anchorFile, 'utf8')
    const other = signCheckpoint({ origin: 'elsewhere', size: 6, root: '0'.repeat(64) }, SIGNING_KEY)
    const damaged = [
      '',
      '{',
      note.slice(0, -3),
      note.replace('\n6\n', '\n7\n'),
      note.replace('\n\n', '\n'),
      `${note}\n`,
    ]
    for (const text of damaged) {
      writeFileSync(folder.anchorFile, text)
      expect(folder.verify(), text).toMatchObject({ verdict: 'broken', anchors: [{ state: 'damaged' }], breaks: [] })
    }
    writeFileSync(folder.anchorFile, other)
    expect(folder.verify()).toMatchObject({ verdict: 'broken', anchors: [{ state: 'other_key', size: 6 }] })
    writeFileSync(folder.anchorFile, note)
    expect(verifyLog({ database: folder.database, kept: [keptIn(folder.anchorFile)] })).toMatchObject({
      verdict: 'unanchored',
      anchors: [{ state: 'no_key', size: 6 }],
    })
  })

  test('an anchor that cannot be asked confirms nothing, and the others are asked', async () => {
    using folder = openLogFolder()
    recordRun(folder, 'run')
    await folder.anchor()
    const file = fileAnchor(folder.anchorFile)
    const unreachable = { ...file, latest: () => Promise.reject(new Error('EIO')) }
    const anchors = new Map([
      ['far', unreachable],
      ['file', file],
    ])
    const { database, publicKey } = folder
    const kept = await readAnchors(anchors)
    expect(verifyLog({ database, publicKey, kept })).toMatchObject({
      verdict: 'intact',
      anchors: [{ state: 'unreachable' }, { state: 'signed', size: 6 }],
    })
    expect(verifyLog({ database, publicKey, kept: kept.slice(0, 1) }).verdict).toBe('unanchored')
  })

  test('anchoring never goes back over evidence', async () => {
    using folder = await openForTampering(2, 1)
    const edit = editorOf(folder.database)
    const before = readFileSync(folder.anchorFile, 'utf8')
    const last = edit.head().count
    edit.remove(last)
    edit.setHead(last - 1, edit.row(last - 1).event_hash)
    await expect(folder.anchor()).rejects.toThrow(expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }))
    // Not when the log has grown past it again, either.
    recordRun(folder, 'later')
    await expect(folder.anchor()).rejects.toThrow(expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }))
    expect(readFileSync(folder.anchorFile, 'utf8')).toBe(before)
    expect(folder.verify()).toMatchObject({
      verdict: 'broken',
      breaks: expect.arrayContaining([{ reason: 'rewritten_event', from: last, to: last }]),
    })
  })

  test('only committed events are anchored', async () => {
    using folder = openLogFolder()
    folder.database.exec('BEGIN')
    recordRun(folder, 'run')
    await expect(folder.anchor()).rejects.toThrow(expect.objectContaining({ code: 'HSK-409-UNCOMMITTED' }))
    folder.database.exec('ROLLBACK')
    await folder.anchor()
    expect(folder.verify()).toMatchObject({ verdict: 'intact', events: 0, anchors: [{ size: 0 }] })
  })

  test('an anchor that fails is an error, and the log is whole', async () => {
    using folder = openLogFolder()
    recordRun(folder, 'run')
    const anchor = { ...fileAnchor(folder.anchorFile), anchor: () => Promise.reject(new Error('ENOSPC')) }
    const { database } = folder
    await expect(
      anchorLog({ database, signingKey: SIGNING_KEY, anchors: new Map([['file', anchor]]) }),
    ).rejects.toThrow('ENOSPC')
    expect(database.isTransaction).toBe(false)
    expect(folder.verify()).toMatchObject({ verdict: 'unanchored', breaks: [] })
  })
})
