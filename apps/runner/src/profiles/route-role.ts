import type { RuntimeRole } from '@ctxlock/contracts/packs'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import {
  findProvider,
  modelScore,
  resolveRole,
  type ModelAtProvider,
  type RoleResolution,
  type RoutingContext,
  type TaskFacts,
} from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import type { Session } from '../session/session.ts'
import type { ModelProbe, ModelState } from './model-probe.ts'
import { recordedPerformance } from './recorded-performance.ts'

export interface RoutedRole {
  readonly resolution: RoleResolution
  /** What the server of a model said, if it was asked. */
  stateOf(model: ModelAtProvider): ModelState | undefined
  /** The ModelScore by which equals were ordered; undefined while nothing is known. */
  scoreOf(model: ModelAtProvider): number | undefined
}

export interface RoutedWork {
  readonly profile: WorkProfile
  readonly role: RuntimeRole
  readonly task: TaskFacts
}

/**
 * The model that serves a role now (PROV-066). First the profile says which models may serve it at all; only those are asked
 * whether they are there, and whether another machine serves them.
 */
export async function routeRole(
  session: Pick<Session, 'registry' | 'state' | 'environment' | 'timestamp'>,
  probe: ModelProbe,
  { profile, role, task }: RoutedWork,
): Promise<RoutedRole> {
  const score = scores(session)
  const routing = { registry: session.registry, deriveTier, now: session.timestamp(), score }
  const permitted: ModelAtProvider[] = []
  const permit = (model: ModelAtProvider) => permitted.push(model) > 0
  resolveRole(profile, role, { ...routing, isReady: permit }, task)

  const states = new Map<string, ModelState>()
  const ask = async (model: ModelAtProvider) => {
    const provider = findProvider(session.registry, model.provider_id)
    if (provider) states.set(keyOf(model), await probe(provider, model.model_id))
  }
  await Promise.all(permitted.map(ask))
  const stateOf = (model: ModelAtProvider) => states.get(keyOf(model))
  const isReady = (model: ModelAtProvider) => stateOf(model)?.ready === true
  const isRemote = (model: ModelAtProvider) => stateOf(model)?.remote === true
  return { resolution: resolveRole(profile, role, { ...routing, isReady, isRemote }, task), stateOf, scoreOf: score }
}

/** Read from the log when the first score is asked for, which an explicit order never does. */
function scores({ state, environment }: Pick<Session, 'state' | 'environment'>): NonNullable<RoutingContext['score']> {
  let known: ReadonlyMap<string, number | undefined> | undefined
  return (model) => {
    known ??= new Map(
      recordedPerformance(state.database, environment.clock.now()).map((each) => [keyOf(each), modelScore(each)]),
    )
    return known.get(keyOf(model))
  }
}

function keyOf({ provider_id, model_id }: ModelAtProvider): string {
  return JSON.stringify([provider_id, model_id])
}
