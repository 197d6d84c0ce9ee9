// What travels between the pages and `apps/runner/src/console`: both are of one version and compiled against this file.

/** Why a question was not answered; `hint` says what to do. */
export interface ApiFailure {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly hint?: string
    readonly details?: Readonly<Record<string, unknown>>
  }
}

export const RUN_STATES = ['running', 'waiting', 'interrupted', 'completed', 'failed', 'cancelled', 'poisoned'] as const
export type RunState = (typeof RUN_STATES)[number]

/** One run in a list. */
export interface RunSummary {
  readonly run_id: string
  readonly command: string
  readonly state: RunState
  readonly started_at: string
  /** What it was asked, shortened. */
  readonly title: string
}

/** `POST /api/runs/list`. Words of a search stand in the body: no address holds content. */
export interface RunsQuestion {
  readonly state?: RunState
  /** The `next` of the page before. */
  readonly before?: string
}

export interface RunsPage {
  /** The newest first. */
  readonly runs: readonly RunSummary[]
  readonly next: string | null
}
