import type { BuildParts } from './build-parts.ts'
import type { Session } from './session.ts'

/** What guards look at. */
export type GuardSession = Pick<
  BuildSession,
  'artifacts' | 'config' | 'counter' | 'freshnessRules' | 'memory' | 'reader' | 'redactor' | 'rules' | 'vault'
>

/**
 * The part of a session that a call is built with. Nothing in it sends, records or asks anybody: a replay has this and no more,
 * so that there is nothing by which it could reach a model.
 */
export interface BuildSession
  extends BuildParts, Pick<Session, 'artifacts' | 'counter' | 'environment' | 'reader' | 'redactor' | 'registry'> {
  readonly state: Pick<Session['state'], 'unsynced'>
  readonly jobs: Pick<Session['jobs'], 'baselineOf'>
  readonly vault: Pick<NonNullable<Session['vault']>, 'header'> | undefined
}
