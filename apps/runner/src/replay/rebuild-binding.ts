import { bindingIdOf, bindPacks, type BuiltPair } from '@ctxlock/context-pack'
import type { ContextPackBinding } from '@ctxlock/contracts/packs'

import type { CallSubject } from '../governed-call/call-subject.ts'
import type { CalledModel } from '../governed-call/identify.ts'
import { packsOf } from '../governed-call/packs/build-packs.ts'
import type { RecordedCall } from './recorded-call.ts'
import type { ReplaySession } from './replay-session.ts'

/** Both packs from the rules in force and the task, stamped with the times they were made at. */
export function rebuildPacks(session: ReplaySession, recorded: RecordedCall, subject: CallSubject): BuiltPair {
  const times = [recorded.rolePack.created_at, recorded.workUnitPack.created_at].map((time) => Date.parse(time))
  const clock = { ...session.environment.clock, now: () => times.shift() ?? Number.NaN }
  return packsOf({ ...session, environment: { ...session.environment, clock } }, subject)
}

/**
 * The binding of the packs. One that followed another within its job keeps what it says about that one, whose packs need not be on
 * record: its own packs, its identity and its id are made again.
 */
export function rebuildBinding(
  { binding, bound, intent }: RecordedCall,
  packs: BuiltPair,
  { called, subject }: { readonly called: CalledModel; readonly subject: CallSubject },
): ContextPackBinding {
  const identity = {
    ...(bound?.identity ?? binding.identity),
    role: subject.role.role_id,
    model_id: called.model.model_id,
    backend: called.model.tier,
    wp_id: subject.wpId,
    mt_id: subject.definition.mt_id,
  }
  const clock = { now: () => Date.parse(binding.created_at), monotonic: () => 0 }
  if ((bound?.reason ?? binding.reason) === 'job_start') {
    const said = {
      job_id: intent.job_id ?? binding.job_id,
      workflow_run_id: intent.workflow_run_id ?? binding.workflow_run_id,
      session_id: identity.session_id,
      provider_id: called.provider.provider_id,
    }
    return bindPacks({ ...said, identity, reason: 'job_start', ...packs, clock }).binding
  }
  const rebuilt = {
    ...binding,
    identity,
    role_pack: {
      ...binding.role_pack,
      effective_hash: packs.rolePack.pack.pack_hash,
      artifact: packs.rolePack.artifact,
    },
    work_unit_pack: {
      ...binding.work_unit_pack,
      effective_hash: packs.workUnitPack.pack.pack_hash,
      artifact: packs.workUnitPack.artifact,
    },
  }
  return { ...rebuilt, binding_id: bindingIdOf(rebuilt) }
}
