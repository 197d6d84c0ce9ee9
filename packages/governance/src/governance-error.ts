/** What the caller can do is in the code. */
export type GovernanceErrorCode =
  /** The provider list is not usable: correct the entries named in `problems` (PROV-027). */
  | 'REGISTRY_INVALID'
  /** The stored registry does not hash to what it says: restore it (PROV-025). */
  | 'REGISTRY_ALTERED'
  /** The profile is not usable: correct what `problems` names. */
  | 'PROFILE_INVALID'
  /** The stored profile does not hash to what was pinned: restore the database. */
  | 'PROFILE_ALTERED'
  /** Other content is stored under this profile id: give the edited profile a new id (PROV-063). */
  | 'PROFILE_PINNED'
  /** The job already runs under another profile (PROV-064). */
  | 'PROFILE_BOUND'
  /** A governance mode or automation level that is none: correct the setting; there is no default (PROV-062). */
  | 'GOVERNANCE_INVALID'
  /** The receipt or its plan cannot be a human's consent to what they name. */
  | 'RECEIPT_INVALID'
  /** The stored receipt or its plan is none any more: restore the database. */
  | 'RECEIPT_ALTERED'
  /** Another receipt is stored under this id. */
  | 'RECEIPT_CONFLICT'
  /** No receipt is stored under this id. */
  | 'RECEIPT_UNKNOWN'
  /** No budget was opened under this id, or no reservation made under this call id. */
  | 'BUDGET_UNKNOWN'
  /** Another limit is stored under this budget id, or another reservation under this call id. */
  | 'BUDGET_CONFLICT'
  /** A number of tokens that is none. */
  | 'BUDGET_INVALID'
  /** What a human is to be asked does not agree with itself. */
  | 'REQUEST_INVALID'
  /** The stored request is none any more, or another one: restore the database. */
  | 'REQUEST_ALTERED'
  /** Another request is stored under this id. */
  | 'REQUEST_CONFLICT'
  /** No request is stored under this id. */
  | 'REQUEST_UNKNOWN'
  /** A human has answered already; the first answer stands. */
  | 'REQUEST_ANSWERED'
  /** The rule list is not usable. */
  | 'RULES_INVALID'
  /** The tables were written by a newer release: use that one. */
  | 'TABLES_NEWER'

/** The one error of this package. Messages name fields, ids and hashes; what a field holds is never repeated. */
export class GovernanceError extends Error {
  override readonly name = 'GovernanceError'
  readonly code: GovernanceErrorCode
  /** One line for each thing that is wrong. */
  readonly problems: readonly string[]

  constructor(code: GovernanceErrorCode, message: string, problems: readonly string[] = [], options?: ErrorOptions) {
    super(problems.length === 0 ? message : `${message}\n- ${problems.join('\n- ')}`, options)
    this.code = code
    this.problems = problems
  }
}
