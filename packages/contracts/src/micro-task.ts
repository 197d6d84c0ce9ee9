// What a person writes (`TaskFile`), what is generated from it (`MicroTaskDefinition`) and what a model answers
// (`CompletionSignal`); spec 08 sections 1, 2 and 8. The records of a running job are in micro-task-run.ts.
import { z } from 'zod'

import { Count, Hash, Identifier, RelativePath } from './primitives.ts'
import { DoneCriterion, RoleId, VerificationSpec } from './packs.ts'

export const ExpectedOutput = z.enum(['patch', 'artifact', 'structured_answer', 'decision_support'])
export type ExpectedOutput = z.infer<typeof ExpectedOutput>

/** Outputs that change no file: their check is the quotations of the answer, so they may do without commands. */
export const ANSWER_OUTPUTS: ReadonlySet<ExpectedOutput> = new Set(['structured_answer', 'decision_support'])

export const ExecutionTier = z.enum(['local_small', 'local_large', 'cloud', 'human_review'])
export type ExecutionTier = z.infer<typeof ExecutionTier>

export const RiskLevel = z.enum(['low', 'medium', 'high'])
export type RiskLevel = z.infer<typeof RiskLevel>

export const MicroTaskId = z
  .string()
  .regex(/^MT-[0-9]{3}$/)
  .meta({ id: 'MicroTaskId' })
export type MicroTaskId = z.infer<typeof MicroTaskId>

/** Text a person wrote: LF line endings, no other control character but TAB. */
const text = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    .regex(/^(?:[^\p{Cc}]|[\n\t])+$/u, { error: 'expected text without control characters' })
const line = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}]+$/u, { error: 'expected one line of text' })

/** A workspace path, a folder with a trailing slash, or a pattern with `*` (inside a name), `**` (any depth) and `?`. */
export const ScopePattern = z
  .union(
    [
      RelativePath,
      z
        .string()
        .min(2)
        .max(4096)
        .regex(/^(?![/~\\])(?![A-Za-z]:)(?!\.{1,2}\/)(?!.*\/\.{1,2}\/)(?!.*\/\/)[^\\\p{Cc}]*\/$/u),
    ],
    {
      error:
        'expected a path inside the workspace: a file, a folder such as src/, or a pattern such as docs/*.md or **',
    },
  )
  .meta({ id: 'ScopePattern' })
export type ScopePattern = z.infer<typeof ScopePattern>

const files = {
  read: z.array(RelativePath).max(10),
  modify: z.array(RelativePath).max(5),
  create: z.array(RelativePath).max(3),
}
const tokenBudget = z.int().min(512).max(8192)

const part = {
  files: z
    .strictObject({
      read: files.read.exactOptional(),
      modify: files.modify.exactOptional(),
      create: files.create.exactOptional(),
    })
    .exactOptional(),
  actions: z.array(line(200)).min(1).max(10).exactOptional(),
  /** Commands that prove the result; a string stands for a blocking command that must exit with 0. */
  verify: z
    .array(
      z.union(
        [
          line(1024),
          z.strictObject({
            command: VerificationSpec.shape.command,
            expect: VerificationSpec.shape.expect.exactOptional(),
            pattern: VerificationSpec.shape.pattern,
            timeout_ms: VerificationSpec.shape.timeout_ms.exactOptional(),
            blocking: VerificationSpec.shape.blocking.exactOptional(),
          }),
        ],
        { error: 'expected a command line, or "command" with expect, pattern, timeout_ms or blocking' },
      ),
    )
    .max(5)
    .exactOptional(),
  expected_output: ExpectedOutput.exactOptional(),
  token_budget: tokenBudget.exactOptional(),
  risk_level: RiskLevel.exactOptional(),
  task_tags: z.array(Identifier).max(32).exactOptional(),
  allowed_tools: z.array(Identifier).max(64).exactOptional(),
  execution_tier: ExecutionTier.exactOptional(),
  notes: text(4000).exactOptional(),
}

/** A string stands for a criterion the answer has to prove with evidence; `verify_ref` points into `verify`, from 0. */
const done = z
  .array(
    z.union([line(500), z.strictObject({ description: line(500), verify_ref: Count.exactOptional() })], {
      error: 'expected one line of text, or "description" with "verify_ref"',
    }),
  )
  .min(1)
  .max(8)

/** What a person writes, as YAML or JSON. Steps take from the task what they do not state themselves. */
export const TaskFile = z
  .strictObject({
    schema_version: z.literal('ctxlock.task@1'),
    wp_id: Identifier.exactOptional(),
    title: line(100).exactOptional(),
    goal: text(500),
    role: RoleId.exactOptional(),
    /** Where the task may read and write; nothing outside is retrieved or changed. */
    scope: z.array(ScopePattern).min(1).max(64),
    done,
    ...part,
    steps: z
      .array(
        z.strictObject({
          name: line(100),
          goal: text(500),
          /** Names of steps that come first. Left out: the step before. */
          depends_on: z.array(line(100)).exactOptional(),
          done: done.exactOptional(),
          ...part,
        }),
      )
      .min(1)
      .max(999)
      .exactOptional(),
  })
  .meta({ id: 'TaskFile' })
export type TaskFile = z.infer<typeof TaskFile>
export type TaskStep = NonNullable<TaskFile['steps']>[number]

/** One bounded piece of work (spec 08 section 2). `verify` may be empty for answers only, see `ANSWER_OUTPUTS`. */
export const MicroTaskDefinition = z
  .strictObject({
    mt_id: MicroTaskId,
    name: line(100),
    scope: text(500),
    files: z.strictObject(files),
    actions: z.array(line(200)).min(1).max(10),
    verify: z.array(VerificationSpec).max(5),
    done: z.array(DoneCriterion).min(1).max(8),
    depends_on: z.array(Identifier),
    token_budget: tokenBudget,
    task_tags: z.array(Identifier),
    risk_level: RiskLevel,
    notes: text(4000).exactOptional(),
    execution_tier: ExecutionTier,
    allowed_tools: z.array(Identifier),
    retry_budget: z.int().min(0).max(5),
    escalation_target: z.enum(['local_large', 'cloud', 'human_review', 'role_mailbox']).exactOptional(),
    expected_output: ExpectedOutput,
  })
  .meta({ id: 'MicroTaskDefinition' })
export type MicroTaskDefinition = z.infer<typeof MicroTaskDefinition>

/** The only form in which definitions are accepted: never hand-written, tied to what they were made from (MT-002). */
export const MicroTaskDefinitions = z
  .strictObject({
    schema_version: z.literal('ctxlock.mt_definitions@1'),
    generator_id: Identifier,
    /** Another one whenever the same packet gives other definitions. */
    generator_version: Identifier,
    /** Canonical hash of the task file as it was read. */
    packet_hash: Hash,
    definitions: z.array(MicroTaskDefinition).min(1).max(999),
  })
  .meta({ id: 'MicroTaskDefinitions' })
export type MicroTaskDefinitions = z.infer<typeof MicroTaskDefinitions>

export const EvidenceLine = z.strictObject({
  criterion: z.string().min(1).max(500),
  path: z.string().min(1).max(4096),
  start_line: z.int().min(1),
  end_line: z.int().min(1),
})
export type EvidenceLine = z.infer<typeof EvidenceLine>

export const SignalProblem = z.enum([
  'duplicate_block',
  'both_kinds',
  'unclosed_tag',
  'misplaced_tag',
  'misspelled_tag',
  'wrong_id',
  'unexpected_line',
  'missing_field',
])
export type SignalProblem = z.infer<typeof SignalProblem>

/** What a model's output claims (MT-032, MT-033). A claim is untrusted: it starts validation, nothing else (MT-034). */
export const CompletionSignal = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('complete'), mt_id: MicroTaskId, evidence: z.array(EvidenceLine).min(1) }),
    z.strictObject({ kind: z.literal('blocked'), reason: line(512), need: line(512) }),
    z.strictObject({ kind: z.literal('working') }),
    z.strictObject({ kind: z.literal('malformed'), problem: SignalProblem }),
  ])
  .meta({ id: 'CompletionSignal' })
export type CompletionSignal = z.infer<typeof CompletionSignal>
