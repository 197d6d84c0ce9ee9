// Whatever is cut or flipped in the lockfile or the state is refused by name or found out, never half used.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseLockfile, PackError } from '@ctxlock/context-pack'

import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const SEED = 20261121
const QUESTION = 'How is the checksum of a box computed?'

test(
  'FG-009: packs whose stored bytes were edited are not used, and each leaves a security event',
  { timeout: 300_000 },
  async () => {
    const cwd = makeWorkspace(SMALL_WORKSPACE)
    expect((await ctxlock(['lock'], { cwd })).code).toBe(0)
    const before = await ctxlockJson(['ask', QUESTION], { cwd })
    expect(before.code).toBe(0)

    const database = new DatabaseSync(join(cwd, '.ctxlock/state.db'))
    const edited = database
      .prepare(
        `UPDATE artifact_object SET bytes = CAST(replace(CAST(bytes AS TEXT), '"confidence":1', '"confidence":0') AS BLOB)
       WHERE CAST(bytes AS TEXT) LIKE '%"confidence":1%hsk.context_pack_payload%'`,
      )
      .run()
    expect(edited.changes).toBeGreaterThan(0)

    const after = await ctxlockJson(['ask', QUESTION], { cwd })
    const events = database
      .prepare(`SELECT event FROM flight_event WHERE event LIKE '%pack_tamper%'`)
      .all()
      .map(({ event }) => String(event))
    database.close()
    expect(after.code, after.stdout).toBe(0)
    expect(events.length).toBeGreaterThan(0)
    for (const event of events) {
      expect(event).toContain('"violation_type":"pack_tamper"')
      expect(event).toContain('"error_code":"payload_hash_mismatch"')
    }
  },
)

test(
  'a lockfile cut, flipped or with a line taken out anywhere is refused, and never read as another one',
  { timeout: 300_000 },
  async () => {
    const cwd = makeWorkspace(SMALL_WORKSPACE)
    expect((await ctxlock(['lock'], { cwd })).code).toBe(0)
    const text = readFileSync(join(cwd, 'ctxlock.lock'), 'utf8')
    const at = fc.nat(text.length - 1)
    const damaged = fc.oneof(
      at.map((index) => text.slice(0, index)),
      fc
        .tuple(at, fc.integer({ min: 1, max: 127 }))
        .map(
          ([index, bits]) =>
            text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ bits) + text.slice(index + 1),
        ),
      fc.nat(text.split('\n').length - 1).map((line) => text.split('\n').toSpliced(line, 1).join('\n')),
      fc
        .tuple(at, at)
        .map(([from, to]) => text.slice(0, from) + text.slice(Math.max(0, to - 60), to) + text.slice(from)),
    )
    fc.assert(
      fc.property(damaged, (other) => {
        if (other === text) return
        expect(() => parseLockfile(other)).toThrow(PackError)
      }),
      { seed: SEED, numRuns: 400 },
    )

    writeFileSync(join(cwd, 'ctxlock.lock'), text.slice(0, text.length / 2))
    const { code, value } = await ctxlockJson(['check'], { cwd })
    expect(code).toBe(3)
    expect(value.at('error', 'code').text).toMatch(/^LOCK/)
    expect(value.at('error', 'message').text).toContain('ctxlock.lock')
  },
)
