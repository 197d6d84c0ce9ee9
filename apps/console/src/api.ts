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
  /** The run a child works for. */
  readonly parent_run: string | null
}

/** `POST /api/runs/list`. Words of a search stand in the body: no address holds content. */
export interface RunsQuestion {
  readonly state?: RunState
  /** The beginning of an id, or words of what was asked. */
  readonly words?: string
  /** The `next` of the page before. */
  readonly before?: string
}

export interface RunsPage {
  /** The newest first. */
  readonly runs: readonly RunSummary[]
  /** How many were looked at for this page. */
  readonly looked_at: number
  /** Where to read on; null when there are no more. */
  readonly next: string | null
}

/** `GET /api/runs/<id>` */
export interface RunDetail extends RunSummary {
  readonly error: string | null
  /** What the run waits for at a gate, in words. */
  readonly gate: { readonly mt_id: string; readonly why: string } | null
  /** Commands that go on with the run, as they are typed. */
  readonly next: readonly string[]
  readonly consents: readonly { readonly request_id: string; readonly model_id: string; readonly bytes: number }[]
  readonly children: readonly { readonly run_id: string; readonly state: RunState }[]
  readonly micro_tasks: readonly MicroTaskSummary[]
  /** In words, the part of it that is not known said apart. */
  readonly cost: string | null
}

export interface MicroTaskSummary {
  readonly mt_id: string
  readonly name: string
  readonly status: string
  readonly iterations: number
  readonly error: string | null
}

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'live'

/** An event of the log, for a person. */
export interface TimelineEvent {
  readonly seq: number
  readonly at: string
  readonly id: string
  readonly title: string
  readonly detail: string
  readonly tone: Tone
  readonly by: 'human' | 'agent' | 'system'
  readonly mt_id: string | null
  readonly iteration: number | null
  readonly call_id: string | null
  /** The event as it stands in the log; events hold no content. */
  readonly payload: unknown
}

/**
 * `GET /api/live?run=<id>`, as server-sent events: `recorded` with a list of `TimelineEvent` (its id is the newest `seq`), and `changed` whenever
 * something was recorded, in whatever run.
 */
export interface LiveChange {
  /** Requests for consent that nobody has answered. */
  readonly waiting: number
}

/** `GET /api/calls/<id>` */
export interface CallDetail {
  readonly call_id: string
  readonly run_id: string
  readonly step_id: string
  readonly created_at: string
  readonly provider_id: string
  readonly model_id: string
  /** What the server says answered; null where it did not say. */
  readonly effective_model_id: string | null
  readonly role: string
  readonly backend: string | null
  readonly outcome: string | null
  readonly usage: CallUsage | null
  readonly quotations: { readonly verified: number; readonly repaired: number; readonly failed: number } | null
  readonly segments: readonly PromptSegment[]
  /** In tokens, by the counter that is named. */
  readonly budgets: {
    readonly total: number
    readonly prefix: number
    readonly suffix: number
    readonly counter: string
  }
  readonly allocation: readonly { readonly section: string; readonly tokens: number }[]
  readonly sources: readonly ShownSource[]
  readonly left_out: readonly { readonly source: string; readonly lines: string; readonly reason: string }[]
  readonly rules: readonly {
    readonly rule_id: string
    readonly severity: string
    readonly text: string
    readonly source: string | null
  }[]
  readonly guards: readonly GuardHook[]
  readonly findings: readonly GuardFinding[]
  readonly packs: readonly BoundHashes[]
  readonly stale: readonly { readonly target: string; readonly reason: string; readonly outcome: string }[]
  readonly hashes: readonly { readonly name: string; readonly hash: string }[]
  readonly payload_bytes: number
  readonly warnings: readonly string[]
  /** What the log should have and has not. */
  readonly missing: readonly string[]
}

export interface CallUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly cached_prompt_tokens: number | null
  readonly latency_ms: number | null
  readonly cost_micro_usd: number | null
  /** Who counted. */
  readonly source: string
}

export interface PromptSegment {
  readonly place: 'prefix' | 'suffix'
  /** `rules`, `task`, `source <path>:<lines>`, … */
  readonly segment: string
  readonly tokens: number
  readonly hash: string
}

export interface ShownSource {
  readonly path: string
  readonly hash: string
  readonly now: 'unchanged' | 'changed' | 'gone'
  readonly lines: readonly {
    readonly start: number
    readonly end: number
    readonly tokens: number
    readonly cut: boolean
  }[]
}

export interface GuardHook {
  readonly hook: string
  readonly guards: readonly {
    readonly name: string
    readonly verdict: string
    readonly code: string | null
    readonly milliseconds: number
  }[]
}

export interface GuardFinding {
  readonly kind: 'left out' | 'waived' | 'violation'
  readonly what: string
  readonly where: string
}

export interface BoundHashes {
  readonly pack: 'role pack' | 'work-unit pack'
  readonly requested: string
  readonly effective: string
}

/** `GET /api/calls/<id>/bytes`, and of one approval: exactly what was, or would be, sent. */
export interface ShownBytes {
  readonly text: string
  readonly bytes: number
  readonly sha256: string
  /** What they were put together from. */
  readonly from: 'sources' | 'vault'
}

/** `GET /api/workspace` */
export interface WorkspaceName {
  readonly name: string
  readonly folder: string
}
