import { afterEach, expect, test, vi } from 'vitest'

import { printNextSteps, type EndedRun } from './next-steps.ts'
import type { Output } from './output.ts'

const ENDED: EndedRun = { runId: '0123456789', callId: '9876543210', hasPatch: false, workspace: undefined }

afterEach(() => vi.unstubAllEnvs())

function printed(changes: Partial<EndedRun>, lifecycle?: string): string[] {
  vi.stubEnv('npm_lifecycle_event', lifecycle)
  const lines: string[] = []
  const output: Output = { json: false, line: (text = '') => lines.push(text), event() {}, result() {}, progress() {} }
  printNextSteps(output, { ...ENDED, ...changes })
  return lines
}

test('each step is a command as it was typed: through npm in a checkout, with the workspace that was named', () => {
  expect(printed({})).toEqual([
    '',
    'next       ctxlock show 98765432   the exact bytes that were sent',
    '           ctxlock why 98765432    what was included, what was left out, and why',
    '           ctxlock verify          whether the record of it is whole',
  ])
  expect(printed({ workspace: '../a b' }, 'ctxlock')[1]).toBe(
    "next       npm run -s ctxlock -- show 98765432 --workspace '../a b'   the exact bytes that were sent",
  )
  expect(printed({ hasPatch: true, callId: undefined, workspace: "it's" })).toEqual([
    '',
    String.raw`next       ctxlock apply 01234567 --check --workspace 'it'\''s'   the patch; without --check it is written to your files`,
  ])
})

test('a run without a call and a patch leaves nothing to do', () => {
  expect(printed({ callId: undefined })).toEqual([])
})
