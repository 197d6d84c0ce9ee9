import { DatabaseSync } from 'node:sqlite'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { openFileLocks } from './file-locks.ts'

const SEED = 20_261_122

function locksOf(dead: ReadonlySet<string> = new Set()) {
  return openFileLocks({ database: new DatabaseSync(':memory:'), isAlive: (runId) => !dead.has(runId) })
}
const request = (runId: string, workUnitId: string, ...paths: string[]) => ({ runId, workUnitId, paths })

describe('locks between runs', () => {
  it('block the later request, with what conflicts and what to do', () => {
    const locks = locksOf()
    expect(locks.lock([request('run-1', 'MT-001', 'src/a.ts', 'src/b.ts')])).toEqual([{ status: 'locked' }])
    const [outcome] = locks.lock([request('run-2', 'MT-001', 'src/c.ts', 'src/b.ts')])
    expect(outcome).toMatchObject({
      status: 'blocked',
      code: 'CX-MM-002',
      conflicts: [{ path: 'src/b.ts', heldBy: { path: 'src/b.ts', runId: 'run-1', workUnitId: 'MT-001' } }],
      message: 'src/b.ts may be changed by MT-001 of the run run-1',
      hint: 'Wait until that run has ended, or end it with `ctxlock cancel run-1`.',
    })
    expect(locks.held().map(({ path }) => path)).toEqual(['src/a.ts', 'src/b.ts'])
  })

  it('of requests that come together let the smaller work unit go first, in whatever order they are', () => {
    const pair = [request('run-9', 'MT-002', 'src/a.ts'), request('run-1', 'MT-001', 'src/a.ts')]
    expect(
      locksOf()
        .lock(pair)
        .map(({ status }) => status),
    ).toEqual(['blocked', 'locked'])
    expect(
      locksOf()
        .lock(pair.toReversed())
        .map(({ status }) => status),
    ).toEqual(['locked', 'blocked'])
  })

  it('may be taken again by who holds them, and are free when given back', () => {
    const locks = locksOf()
    const mine = request('run-1', 'MT-001', 'src/a.ts')
    expect(locks.lock([mine])).toEqual(locks.lock([mine]))
    locks.release('run-1', 'MT-001')
    expect(locks.lock([request('run-2', 'MT-001', 'src/a.ts')])).toEqual([{ status: 'locked' }])
    locks.release('run-2')
    expect(locks.held()).toEqual([])
  })

  it('of a run that cannot go on are given up', () => {
    const dead = new Set<string>()
    const locks = locksOf(dead)
    locks.lock([request('killed', 'MT-001', 'src/a.ts')])
    dead.add('killed')
    expect(locks.lock([request('run-2', 'MT-001', 'src/a.ts')])).toEqual([{ status: 'locked' }])
  })

  it.each([
    ['a folder and a file in it', 'src/', 'src/deep/a.ts'],
    ['a file in a folder and that folder', 'src/a.ts', 'src'],
    ['names that differ in capitals', 'src/Readme.md', 'SRC/README.md'],
    ['accented names that differ in capitals', 'caf\u00e9.ts', 'CAF\u00c9.ts'],
    ['a letter whose capital is two', 'stra\u00dfe.ts', 'STRASSE.ts'],
  ])('take %s for one', (_, first, second) => {
    const locks = locksOf()
    locks.lock([request('run-1', 'MT-001', first)])
    expect(locks.lock([request('run-2', 'MT-001', second)])).toMatchObject([{ status: 'blocked' }])
  })

  it('tell apart what only begins alike', () => {
    const locks = locksOf()
    locks.lock([request('run-1', 'MT-001', 'src/a')])
    expect(locks.lock([request('run-2', 'MT-001', 'src/a.ts', 'src/ab', 'sr')])).toEqual([{ status: 'locked' }])
  })

  it.each(['../a', '/etc/passwd', 'a//b', 'a/./b', '', 'C:/a', 'a\\..\\b\u0000'])('refuse the path %j', (path) => {
    const lock = () => locksOf().lock([request('run-1', 'MT-001', path)])
    expect(lock).toThrow(expect.objectContaining({ code: 'LOCK_PATH_INVALID' }))
  })

  it(`never give one path to two, whatever is asked and given back (seed ${SEED})`, () => {
    const path = fc.constantFrom('a', 'a/b', 'a/b/c', 'd', 'd/e/', 'A/B', 'f')
    const step = fc.record({
      run: fc.constantFrom('r1', 'r2', 'r3'),
      paths: fc.uniqueArray(path, { minLength: 1 }),
      gives: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const locks = locksOf()
        for (const { run, paths, gives } of steps) {
          if (gives) locks.release(run)
          else locks.lock([request(run, 'MT-001', ...paths)])
          const all = locks.held()
          for (const left of all) {
            for (const right of all.filter(({ runId }) => runId !== left.runId)) {
              const [one, other] = [left.path, right.path].map((held) => `${held.toLowerCase().replace(/\/$/, '')}/`)
              expect(one?.startsWith(other ?? '') === true || other?.startsWith(one ?? '') === true).toBe(false)
            }
          }
        }
      }),
      { seed: SEED, numRuns: 200 },
    )
  })
})
