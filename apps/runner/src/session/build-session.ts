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
export type BuildSession = Pick<
  Session,
  | 'artifacts'
  | 'automationLevel'
  | 'baseline'
  | 'config'
  | 'counter'
  | 'environment'
  | 'folding'
  | 'freshnessRules'
  | 'guards'
  | 'memory'
  | 'reader'
  | 'redactor'
  | 'registry'
  | 'rules'
  | 'stamps'
  | 'timestamp'
  | 'vaultMagic'
  | 'waivers'
> & {
  readonly state: Pick<Session['state'], 'unsynced'>
  readonly jobs: Pick<Session['jobs'], 'baselineOf'>
  readonly vault: Pick<NonNullable<Session['vault']>, 'header'> | undefined
}
