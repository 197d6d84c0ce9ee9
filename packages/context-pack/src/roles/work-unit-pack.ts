import { truncate } from '@ctxlock/contracts/extraction-text'
import { canonicalSet } from '@ctxlock/core-hash'
import { WorkUnitContextPack, type Redaction, type RoleContextPack, type SourceHash } from '@ctxlock/contracts/packs'
import type { ArtifactStore, Clock, Redactor } from '@ctxlock/contracts/ports'

import { createFieldRedactor, redactionsAt, sortedRedactions } from '../text/field-redactor.ts'
import { openSealedPack, sealPack, setBy, storePack } from './sealed-pack.ts'
import type { BuiltPack } from './role-pack.ts'
import { assertWorkUnitPack, type WorkUnitPackPorts } from './work-unit-checks.ts'

type WorkUnitFields = Pick<
  WorkUnitContextPack,
  | 'work_unit'
  | 'in_scope_paths'
  | 'files'
  | 'task'
  | 'allowed_tools'
  | 'verification_contract'
  | 'context_payload'
  | 'context_pack_refs'
>

export interface WorkUnitPackInput extends WorkUnitFields {
  /** Role, governance mode and automation level are taken from it. */
  readonly rolePack: RoleContextPack
  /** Canonical relative paths this work unit may change. */
  readonly lockKeys: readonly string[]
  /** The governed inputs: the task file and whatever else decided about this work unit, at their current hashes. */
  readonly sources: readonly SourceHash[]
  readonly redactor: Redactor
  readonly clock: Clock
  readonly store: ArtifactStore
  /** Whether a model on another machine may be shown this pack; not if left out (CP-005). */
  readonly exportable?: boolean
}

/**
 * Assembles the pack of a work unit against a role pack, in the order of CP-042, and writes it last. The same input in any
 * order gives the same `pack_hash` (CP-001).
 *
 * Throws `PACK_INVALID`, `PACK_ABSOLUTE_PATH`, `PACK_RUNTIME_READ_REF`, `PACK_SCOPE_VIOLATION` for files or tools outside what is
 * granted, `PACK_SECRET_DETECTED`, `PACK_BUDGET_EXCEEDED`.
 */
export function buildWorkUnitPack(input: WorkUnitPackInput): BuiltPack<WorkUnitContextPack> {
  const { rolePack, redactor, clock, store, work_unit } = input
  const { wp_id, mt_id } = work_unit
  const redacted = redactTask(input, redactor)
  const pack = sealPack<WorkUnitContextPack>(
    {
      schema_version: 'hsk.work_unit_context_pack@1',
      role_id: rolePack.role_id,
      role_pack_hash: rolePack.pack_hash,
      governance_mode: rolePack.governance_mode,
      automation_level: rolePack.automation_level,
      work_unit,
      in_scope_paths: canonicalSet(input.in_scope_paths),
      lock_set: { lock_keys: canonicalSet(input.lockKeys), owner: { role: rolePack.role_id, wp_id, mt_id } },
      files: {
        read: canonicalSet(input.files.read),
        modify: canonicalSet(input.files.modify),
        create: canonicalSet(input.files.create),
      },
      task: redacted.task,
      allowed_tools: setBy('allowed_tools', input.allowed_tools, (tool) => tool.tool_id),
      verification_contract: {
        verify: input.verification_contract.verify,
        done: redacted.done,
        required_validators: canonicalSet(input.verification_contract.required_validators),
        required_gates: canonicalSet(input.verification_contract.required_gates),
      },
      context_payload: input.context_payload,
      context_pack_refs: setBy('context_pack_refs', input.context_pack_refs, (ref) => ref.target),
      sources: setBy('sources', input.sources, (source) => source.source_id),
      redactions: redacted.redactions,
    },
    WorkUnitContextPack,
    clock,
  )
  assertWorkUnitPack(pack, { rolePack, redactor })
  return { pack, artifact: storePack(pack, store, input.exportable) }
}

/**
 * Reads the bytes of a work-unit pack and checks everything it says about itself and, where given, against its role pack.
 * Throws what `buildWorkUnitPack` throws, `PACK_HASH_MISMATCH`, `PACK_ROLE_MISMATCH`, `PACK_GOVERNANCE_MISMATCH` and
 * `PACK_WORK_UNIT_MISMATCH`.
 */
export function verifyWorkUnitPack(bytes: Uint8Array, ports: WorkUnitPackPorts = {}): WorkUnitContextPack {
  const pack = openSealedPack(bytes, WorkUnitContextPack)
  assertWorkUnitPack(pack, ports)
  return pack
}

/** Commands and patterns stay as they are, for a changed command would be another one; the checks refuse secrets in them. */
function redactTask({ task, verification_contract: { done } }: WorkUnitFields, redactor: Redactor) {
  const redact = createFieldRedactor(redactor)
  const redactions: Redaction[] = []
  const field = (location: string, text: string, maximum: number): string => {
    const redacted = redact(text)
    redactions.push(...redactionsAt(location, redacted))
    return truncate(redacted.text, maximum)
  }
  return {
    task: {
      title: field('/task/title', task.title, 100),
      scope: field('/task/scope', task.scope, 500),
      actions: task.actions.map((action, index) => field(`/task/actions/${index}`, action, 200)),
    },
    done: done.map((criterion, index) => ({
      ...criterion,
      description: field(`/verification_contract/done/${index}/description`, criterion.description, 500),
    })),
    redactions: sortedRedactions(redactions),
  }
}
