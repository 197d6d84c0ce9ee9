import { describe, expect, it } from 'vitest'

import { createDatabase } from '../__fixtures__/database.ts'
import { assignment, NOW, profile } from '../__fixtures__/profiles.ts'
import { prepareTables } from '../tables.ts'
import {
  activeProfile,
  bindJobProfile,
  pinProfile,
  profileOfJob,
  profileState,
  selectProfile,
} from './profile-store.ts'

const A = profile(assignment('small'), { profile_id: 'A' })
const B = profile(assignment('big'), { profile_id: 'B' })
const EDITED_A = { ...A, model_assignments: B.model_assignments }

describe('T-PROFILE-001 selectProfile (PROV-064)', () => {
  it('is durable and names the profile before', () => {
    using store = createDatabase()
    expect(activeProfile(store.database)).toBeUndefined()
    expect(selectProfile(store.database, A, NOW)).toEqual({
      profile_id: 'A',
      previous_profile_id: null,
      changed: false,
    })
    expect(selectProfile(store.database, B, NOW)).toEqual({ profile_id: 'B', previous_profile_id: 'A', changed: true })
    expect(selectProfile(store.database, B, NOW)).toEqual({ profile_id: 'B', previous_profile_id: 'B', changed: false })
    store.reopen()
    expect(activeProfile(store.database)).toEqual(B)
  })

  it('names what was active before anything was selected', () => {
    using store = createDatabase()
    expect(selectProfile(store.database, B, NOW, 'A')).toMatchObject({ previous_profile_id: 'A', changed: true })
    expect(selectProfile(store.database, A, NOW, 'C')).toMatchObject({ previous_profile_id: 'B', changed: true })
  })
})

describe('T-PROFILE-002 running jobs (PROV-063, PROV-064)', () => {
  it('keep their profile when another becomes active, over a restart', () => {
    using store = createDatabase()
    selectProfile(store.database, A, NOW)
    bindJobProfile(store.database, 'job-1', A, NOW)
    selectProfile(store.database, B, NOW)
    store.reopen()
    expect(profileOfJob(store.database, 'job-1')).toEqual(A)
    bindJobProfile(store.database, 'job-1', A, NOW)
    expect(() => bindJobProfile(store.database, 'job-1', B, NOW)).toThrowError(
      expect.objectContaining({ code: 'PROFILE_BOUND' }),
    )
    expect(profileOfJob(store.database, 'job-1')).toEqual(A)
    expect(profileOfJob(store.database, 'job-2')).toBeUndefined()
  })

  it('refuses other content under a used id, by every way in', () => {
    using store = createDatabase()
    pinProfile(store.database, A, NOW)
    for (const store_it of [
      () => pinProfile(store.database, EDITED_A, NOW),
      () => selectProfile(store.database, EDITED_A, NOW),
      () => bindJobProfile(store.database, 'job-1', EDITED_A, NOW),
    ]) {
      expect(store_it).toThrowError(expect.objectContaining({ code: 'PROFILE_PINNED' }))
    }
    // Nothing of the refused attempts stayed behind.
    expect(activeProfile(store.database)).toBeUndefined()
    expect(profileOfJob(store.database, 'job-1')).toBeUndefined()
  })

  it('says which profiles are used and which were edited since', () => {
    using store = createDatabase()
    expect(profileState(store.database, A)).toBe('unused')
    pinProfile(store.database, A, NOW)
    expect(profileState(store.database, A)).toBe('used')
    expect(profileState(store.database, EDITED_A)).toBe('edited')
  })

  it('compares by canonical hash: the order of keys is no edit', () => {
    using store = createDatabase()
    pinProfile(store.database, A, NOW)
    const reordered = Object.assign(
      {},
      ...Object.entries(A)
        .toReversed()
        .map(([key, value]) => ({ [key]: value })),
    )
    expect(() => pinProfile(store.database, reordered, NOW)).not.toThrow()
  })

  it('notices a profile that was edited in the database file', () => {
    using store = createDatabase()
    bindJobProfile(store.database, 'job-1', A, NOW)
    store.database.exec(
      `UPDATE governance_profile SET profile = replace(profile, '"local_only":false', '"local_only":true')`,
    )
    expect(() => profileOfJob(store.database, 'job-1')).toThrowError(
      expect.objectContaining({ code: 'PROFILE_ALTERED' }),
    )
  })

  it('notices a profile that is no JSON any more', () => {
    using store = createDatabase()
    selectProfile(store.database, A, NOW)
    store.database.exec(`UPDATE governance_profile SET profile = 'x'`)
    expect(() => activeProfile(store.database)).toThrowError(expect.objectContaining({ code: 'PROFILE_ALTERED' }))
  })
})

describe('prepareTables', () => {
  it('may be repeated and refuses tables of a newer release', () => {
    using store = createDatabase()
    selectProfile(store.database, A, NOW)
    prepareTables(store.database)
    expect(activeProfile(store.database)).toEqual(A)
    store.database.exec('UPDATE governance_schema SET version = 99')
    expect(() => prepareTables(store.database)).toThrowError(expect.objectContaining({ code: 'TABLES_NEWER' }))
  })
})
