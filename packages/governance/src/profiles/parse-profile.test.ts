import { describe, expect, it } from 'vitest'

import { assignment, profile } from '../__fixtures__/profiles.ts'
import { parseProfile } from './parse-profile.ts'

const GOOD = profile(assignment('small'))
const OLD = { ...GOOD, schema_version: 'hsk.work_profile@0.5' as const }

describe('parseProfile (spec 06 section 10)', () => {
  it('accepts 0.5 and 0.6', () => {
    expect(parseProfile(GOOD)).toEqual(GOOD)
    expect(parseProfile(OLD)).toEqual(OLD)
  })

  it.each(['ASSISTED', 'SUPERVISED'])('reads the legacy level %s as HYBRID (PROV-060)', (automation_level) => {
    const legacy = { ...GOOD, governance: { ...GOOD.governance, automation_level } }
    expect(parseProfile(legacy).governance.automation_level).toBe('HYBRID')
  })

  it.each([undefined, 'locked', 'ANY', 3])('has no default for the level %j (PROV-062)', (automation_level) => {
    const value = { ...GOOD, governance: { ...GOOD.governance, automation_level } }
    expect(() => parseProfile(value)).toThrowError(expect.objectContaining({ code: 'GOVERNANCE_INVALID' }))
  })

  const rule = (extension: string) => ({ extension, assignments: { worker: assignment('big') } })
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', [GOOD]],
    ['another schema', { ...GOOD, schema_version: 'hsk.work_profile@0.7' }],
    ['an unknown field', { ...GOOD, priority: 1 }],
    ['a role less', { ...GOOD, model_assignments: { worker: assignment('small') } }],
    ['a negative maximum', { ...GOOD, governance: { ...GOOD.governance, max_cloud_escalations_per_job: -1 } }],
    ['routing in 0.5', { ...OLD, routing: {} }],
    [
      'compute in 0.5',
      { ...OLD, model_assignments: { ...OLD.model_assignments, worker: assignment('small', { compute: {} }) } },
    ],
    [
      'compute in a rule of 0.5',
      {
        ...OLD,
        overrides: { task_type_rules: [{ task_type: 't', assignments: { worker: assignment('s', { compute: {} }) } }] },
      },
    ],
    ['two rules for one extension', { ...GOOD, overrides: { filetype_rules: [rule('ts'), rule('.TS')] } }],
    [
      'two rules for one task type',
      {
        ...GOOD,
        overrides: {
          task_type_rules: [
            { task_type: 't', assignments: {} },
            { task_type: 't', assignments: {} },
          ],
        },
      },
    ],
    [
      'one candidate twice',
      {
        ...GOOD,
        routing: {
          candidate_models: [
            { model_id: 'm', backend: 'local' },
            { model_id: 'm', backend: 'local' },
          ],
        },
      },
    ],
  ])('refuses %s', (_, value) => {
    expect(() => parseProfile(value)).toThrowError(expect.objectContaining({ code: 'PROFILE_INVALID' }))
  })

  it('lets one model be a candidate locally and in the cloud', () => {
    const routing = {
      candidate_models: [
        { model_id: 'm', backend: 'local' },
        { model_id: 'm', backend: 'cloud' },
      ],
    }
    expect(parseProfile({ ...GOOD, routing }).routing).toEqual(routing)
  })
})
