import { draftOf } from '@ctxlock/contracts/testing'
import { describe, expect, test } from 'vitest'

import { openLogFolder, recordRun, runDrafts, runEnd, uuidOf } from '../test/log-folder.ts'
import { verifyLog } from './index.ts'

describe('runs', () => {
  test('a run without an end is incomplete, not broken; its open calls are named', () => {
    using folder = openLogFolder()
    folder.recorder.recordAll(runDrafts('run', 2).slice(0, -1))
    expect(folder.verify()).toMatchObject({
      verdict: 'incomplete',
      breaks: [],
      runs: [
        {
          workflow_run_id: 'run',
          state: 'incomplete',
          events: 8,
          events_expected: null,
          unsettled_calls: [uuidOf('run/1')],
        },
      ],
    })
  })

  test('a call an application made itself is open until it is settled', () => {
    using folder = openLogFolder()
    const open = () => folder.verify().runs.map(({ unsettled_calls }) => unsettled_calls)
    const call_id = uuidOf('call')
    const intent = draftOf('sdk_call_intent')
    folder.recorder.record({ ...intent, payload: { ...intent.payload, call_id } })
    expect(open()).toEqual([[call_id]])
    const { workflow_run_id } = intent
    folder.recorder.record({ ...draftOf('call_settled'), workflow_run_id, payload: { call_id, outcome: 'accepted' } })
    expect(open()).toEqual([[]])
  })

  test('a run with another number of events than its end says is broken', () => {
    using folder = openLogFolder()
    folder.recorder.recordAll(runDrafts('run'))
    const end = runEnd('run')
    folder.recorder.record({ ...end, payload: { ...end.payload, events_expected: 9 } })
    expect(folder.verify()).toMatchObject({
      verdict: 'broken',
      runs: [{ state: 'count_mismatch', events: 6, events_expected: 9 }],
    })
  })

  test('an event after the end, and a run without a header, are told apart from whole runs', () => {
    using folder = openLogFolder()
    recordRun(folder, 'late')
    folder.recorder.record({ ...draftOf('diagnostic'), workflow_run_id: 'late' })
    folder.recorder.record({ ...draftOf('diagnostic'), workflow_run_id: 'headless' })
    recordRun(folder, 'whole')
    expect(folder.verify().runs.map(({ state }) => state)).toEqual(['count_mismatch', 'no_header', 'complete'])
  })

  test('runs that are recorded at the same time are counted apart', () => {
    using folder = openLogFolder()
    const [one, two] = [runDrafts('one'), runDrafts('two')]
    for (let index = 0; index < one.length; index += 1) {
      const drafts = [one[index], two[index]].flatMap((draft) => (draft ? [draft] : []))
      folder.recorder.recordAll(drafts)
    }
    folder.recorder.recordRunEnd(runEnd('two'))
    folder.recorder.recordRunEnd(runEnd('one'))
    expect(folder.verify().runs.map(({ state }) => state)).toEqual(['complete', 'complete'])
  })
})

describe('objects', () => {
  const hash = (digit: string) => digit.repeat(64)
  const failingWith = (code: string) => Object.assign(new Error(code), { code })

  function report(stored: Record<string, 'whole' | 'edited'>) {
    using folder = openLogFolder()
    const intent = draftOf('call_intent')
    const payload = { ...intent.payload, request_manifest_ref: hash('1'), artifact_refs: [hash('2'), hash('3')] }
    folder.recorder.record({ ...intent, payload })
    const objects = {
      get(contentHash: string) {
        const state = stored[contentHash]
        if (!state) throw failingWith('ARTIFACT_MISSING')
        if (state === 'edited') throw failingWith('ARTIFACT_HASH_MISMATCH')
        return new Uint8Array()
      },
      list: () => Object.keys(stored).map((content_hash) => ({ content_hash })),
    }
    return verifyLog({ database: folder.database, objects })
  }

  test('every named and every stored object is looked at', () => {
    const whole = { [hash('1')]: 'whole', [hash('2')]: 'whole', [hash('3')]: 'whole', [hash('4')]: 'whole' } as const
    expect(report(whole).objects).toEqual({ checked: 4, missing: [], edited: [], erased: 0 })
    expect(report({ ...whole, [hash('4')]: 'edited' })).toMatchObject({
      verdict: 'broken',
      breaks: [],
      objects: { checked: 4, missing: [], edited: [hash('4')] },
    })
    const { [hash('2')]: _, ...rest } = whole
    expect(report({ ...rest, [hash('3')]: 'edited' })).toMatchObject({
      verdict: 'broken',
      objects: { missing: [hash('2')], edited: [hash('3')] },
    })
  })

  test('a store that cannot look is an error, not a finding', () => {
    using folder = openLogFolder()
    const objects = {
      get: () => {
        throw failingWith('EIO')
      },
      list: () => [{ content_hash: hash('1') }],
    }
    expect(() => verifyLog({ database: folder.database, objects })).toThrow('EIO')
  })
})
