import { z } from 'zod'

import { AutomationLevel, Identifier, ParameterClass, Timestamp } from './primitives.ts'

/** Which models a role may use (spec 06 section 10). */
export const ModelAssignment = z
  .strictObject({
    primary_model_id: Identifier,
    fallback_model_id: Identifier.exactOptional(),
    local_only: z.boolean(),
    allowed_models: z.array(Identifier).exactOptional(),
    /** Hints; only in `hsk.work_profile@0.6`. */
    compute: z
      .strictObject({
        speed_preset: z.enum(['standard', 'fast_exact', 'fast_approx']).exactOptional(),
        approximate: z
          .strictObject({
            allowed: z.boolean(),
            waiver_ref: Identifier.exactOptional(),
            waiver_expires_at: Timestamp.exactOptional(),
          })
          .exactOptional(),
        exec_policy_override: Identifier.exactOptional(),
        cloud_reasoning_strength: Identifier.exactOptional(),
      })
      .exactOptional(),
  })
  .meta({ id: 'ModelAssignment' })
export type ModelAssignment = z.infer<typeof ModelAssignment>

const assignmentsByRole = {
  frontend: ModelAssignment.exactOptional(),
  orchestrator: ModelAssignment.exactOptional(),
  worker: ModelAssignment.exactOptional(),
  validator: ModelAssignment.exactOptional(),
}

/**
 * Which model serves which role, and how far a job may go without a human (spec 06 section 10). Immutable once used: an
 * edit is a new `profile_id` (PROV-063). What 0.5 may not hold and what lists may not repeat is checked by governance.
 */
export const WorkProfile = z
  .strictObject({
    schema_version: z.enum(['hsk.work_profile@0.5', 'hsk.work_profile@0.6']),
    profile_id: Identifier,
    name: Identifier,
    description: z.string().max(2000).exactOptional(),
    model_assignments: z.strictObject({
      frontend: ModelAssignment,
      orchestrator: ModelAssignment,
      worker: ModelAssignment,
      validator: ModelAssignment,
    }),
    governance: z.strictObject({
      automation_level: AutomationLevel,
      allow_cloud_escalation: z.boolean(),
      /** 1 when absent. */
      max_cloud_escalations_per_job: z.int().min(0).exactOptional(),
      /** Days for which what is recorded under this profile is kept at least, whatever the config says. */
      retention_floor_days: z.int().min(1).max(36_500).exactOptional(),
    }),
    overrides: z
      .strictObject({
        filetype_rules: z
          /** `extension` without the dot; the rule holds when every file to modify or create has it (PROV-065). */
          .array(z.strictObject({ extension: Identifier, assignments: z.strictObject(assignmentsByRole) }))
          .exactOptional(),
        task_type_rules: z
          .array(z.strictObject({ task_type: Identifier, assignments: z.strictObject(assignmentsByRole) }))
          .exactOptional(),
      })
      .exactOptional(),
    /** Only in 0.6. */
    routing: z
      .strictObject({
        selection_policy: z.enum(['largest_available', 'explicit']).exactOptional(),
        candidate_models: z
          .array(
            z.strictObject({
              model_id: Identifier,
              backend: z.enum(['local', 'cloud']),
              parameter_class: ParameterClass.exactOptional(),
            }),
          )
          .exactOptional(),
      })
      .exactOptional(),
  })
  .meta({ id: 'WorkProfile' })
export type WorkProfile = z.infer<typeof WorkProfile>
