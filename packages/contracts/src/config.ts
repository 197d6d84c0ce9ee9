import { z } from 'zod'

import { ContextPackPolicy } from './freshness.ts'
import { ExecutionPolicy } from './micro-task-run.ts'
import { OnCandidateHit, PatternPackId } from './guards.ts'
import { AutomationLevel, DeterminismMode, GovernanceMode, Identifier, RelativePath } from './primitives.ts'
import { ProviderConfig } from './provider.ts'
import { Capability, RoleId, RuntimeRole } from './packs.ts'
import { RetrievalBudgets, TrustClass } from './retrieval.ts'
import { RuleConvention, SkillName } from './rules.ts'
import { SchedulerLimits } from './scheduler.ts'
import { SwapStrategy } from './model-swap.ts'
import { WorkProfile } from './work-profile.ts'

export const RoleConfig = z.strictObject({
  role_id: RoleId,
  runtime_role: RuntimeRole,
  /** All of them when absent. Which files and programs these reach is bounded by the task's scope and by `execution.commands`. */
  capabilities: z.array(Capability).max(5).exactOptional(),
})
export type RoleConfig = z.infer<typeof RoleConfig>

export const PolicyConfig = z.strictObject({
  policy_profile_id: Identifier.exactOptional(),
  governance_mode: GovernanceMode.exactOptional(),
  automation_level: AutomationLevel.exactOptional(),
  determinism_mode: DeterminismMode.exactOptional(),
  seed: z.int().exactOptional(),
  context_pack: ContextPackPolicy.exactOptional(),
  /** Whether a stale pack is rebuilt when the policy permits it but does not demand it (FG-015). */
  refresh_on_stale: z.boolean().exactOptional(),
  retrieval: RetrievalBudgets.partial().exactOptional(),
  on_drift: z.enum(['fail', 'degrade']).exactOptional(),
  injection_patterns: z
    .array(
      z.strictObject({
        id: Identifier,
        /** At least four code points that are not blank (VAL-040). */ text: z.string().regex(/^(?=.*\S)[^]{4,512}$/u),
      }),
    )
    .max(500)
    .exactOptional(),
  /** What the scanner looks for besides; their hits are quarantined, never poison. */
  injection_packs: z.array(PatternPackId).exactOptional(),
  /** `quarantine` leaves a candidate out in which only a derived view shows a pattern; `poison` when absent. */
  on_candidate_hit: OnCandidateHit.exactOptional(),
  /** Whether `ctxlock.waivers.json` may hold hits harmless; never under `LOCKED`. */
  allow_waivers: z.boolean().exactOptional(),
  /** Sources of a lower trust class are not shown to a model (ACE-035). */
  trust_min: TrustClass.exactOptional(),
})
export type PolicyConfig = z.infer<typeof PolicyConfig>

/** Files that nobody wrote here by hand; left out of the lock unless `sources.keep` says otherwise. */
export const SourceClass = z.enum(['lock_file', 'vendored', 'generated', 'minified']).meta({ id: 'SourceClass' })
export type SourceClass = z.infer<typeof SourceClass>

/** `ctxlock.config.json`, committed beside the sources. Every section may be left out; unknown fields are refused. */
export const CtxlockConfig = z
  .strictObject({
    $schema: z.string().exactOptional(),
    schema_version: z.literal('ctxlock.config@1'),
    sources: z
      .strictObject({
        /** gitignore patterns; none means every file that is not ignored. */
        include: z.array(z.string().min(1).max(4096)).exactOptional(),
        exclude: z.array(z.string().min(1).max(4096)).exactOptional(),
        /** What is taken in although it looks vendored, generated, minified or like a lock file: whole classes, gitignore patterns. */
        keep: z
          .strictObject({
            classes: z.array(SourceClass).exactOptional(),
            paths: z.array(z.string().min(1).max(4096)).exactOptional(),
          })
          .exactOptional(),
        /**
         * gitignore patterns of files that a person may agree to send to a cloud model; none by default (VAL-029). Naming a file here
         * sends nothing: every cloud call still needs a person's consent to its bytes.
         */
        exportable: z.array(z.string().min(1).max(4096)).exactOptional(),
        max_file_bytes: z.int().min(1).max(67_108_864).exactOptional(),
        /** Trust classes by gitignore patterns. What neither names is `medium`; what both name, and what nobody wrote here, `low`. */
        trust: z
          .strictObject({
            low: z.array(z.string().min(1).max(4096)).exactOptional(),
            high: z.array(z.string().min(1).max(4096)).exactOptional(),
          })
          .exactOptional(),
      })
      .exactOptional(),
    rules: z
      .strictObject({
        /** Markdown files whose rules bind every call. What this section does not name never becomes a rule (CP-043). */
        files: z.array(RelativePath).exactOptional(),
        /** Files that bind the work their convention says: an `AGENTS.md` its folder, a Cursor rule what its globs match. */
        conventions: z.array(RuleConvention).exactOptional(),
        /** Skills whose `SKILL.md` binds every call; a skill that only a model would choose binds none. */
        skills: z.array(SkillName).exactOptional(),
        max_tokens: z.int().min(1).max(600).exactOptional(),
      })
      .exactOptional(),
    /** Task files that every lock states, beside those given with `--task`. */
    tasks: z.array(RelativePath).exactOptional(),
    roles: z.array(RoleConfig).min(1).exactOptional(),
    /** None at all: everything but calls works (SWAP-027). */
    providers: z.array(ProviderConfig).exactOptional(),
    /** The model that embeds the sources, so that calls find by meaning too; without it nothing is embedded. */
    embedding: z
      .strictObject({
        /** The default model of a provider, or one of its `models`. */
        model_id: Identifier,
        /** Asked of models that can shorten their vectors. */
        dimensions: z.int().min(1).max(65_536).exactOptional(),
        /** What some models want before a question and before a passage, such as `search_query: `. */
        query_prefix: z.string().min(1).max(256).exactOptional(),
        passage_prefix: z.string().min(1).max(256).exactOptional(),
      })
      .exactOptional(),
    /** Package names of plugins to load. */
    plugins: z.array(Identifier).exactOptional(),
    profiles: z.array(WorkProfile).min(1).exactOptional(),
    active_profile: Identifier.exactOptional(),
    policy: PolicyConfig.exactOptional(),
    /** How tasks are run, and what their verification commands may do; none is run while `commands` is empty. */
    execution: z
      .strictObject({
        /** Programs they may start (`proc.exec`), by bare name. */
        commands: z
          .array(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$/))
          .max(64)
          .exactOptional(),
        /** Of all processes of one command together, in MiB. */
        memory_mb: z.int().min(64).max(1_048_576).exactOptional(),
        /** What the calls of one run may cost together, in millionths of a US dollar; then only models whose `price` is stated are called. */
        max_cost_micro_usd: z.int().min(0).exactOptional(),
        /** How runs are bounded and what they escalate to (spec 08 section 1); what is left out has its default. */
        policy: ExecutionPolicy.omit({ context_pack_policy: true }).partial().exactOptional(),
        /** Limits on model calls, shared by every run of this workspace; what is left out has its default (spec 08 section 14). */
        scheduler: SchedulerLimits.partial().exactOptional(),
        /** What a change of model may take (spec 07 section 2); what is left out is not bounded. */
        swap: z
          .strictObject({
            strategy: SwapStrategy.exactOptional(),
            max_vram_mb: z.int().min(1).exactOptional(),
            max_ram_mb: z.int().min(1).exactOptional(),
          })
          .exactOptional(),
      })
      .exactOptional(),
    recorder: z
      .strictObject({
        /** Keeps the sent bytes encrypted in the vault, so that `show` works after a source changed. */
        keep_payloads: z.boolean().exactOptional(),
        payload_ttl_days: z.int().min(1).max(3650).exactOptional(),
        /** After how many days `ctxlock retention` moves ranges of the log into files, which say the same. */
        seal_days: z.int().min(1).max(36_500).exactOptional(),
        /** After how many days `ctxlock retention` erases what is recorded of a run that has ended. */
        retention_days: z.int().min(1).max(36_500).exactOptional(),
        /** Where signed checkpoints of the log are kept, besides the file in the state folder: `git`, or the sink of a plugin. */
        anchors: z
          .array(z.strictObject({ name: Identifier, options: z.record(z.string(), z.json()).exactOptional() }))
          .max(16)
          .exactOptional(),
      })
      .exactOptional(),
  })
  .meta({ id: 'CtxlockConfig' })
export type CtxlockConfig = z.infer<typeof CtxlockConfig>
