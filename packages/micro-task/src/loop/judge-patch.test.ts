import type { FileChange, VerificationOutcome } from '@ctxlock/contracts/edits'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { Judgement } from '@ctxlock/contracts/micro-task-iteration'
import type { ValidationResult } from '@ctxlock/contracts/micro-task-run'
import { expect, test } from 'vitest'

import { AT, FIRST_ITERATION } from '../../test/support/loop.ts'
import { judgePatch } from './judge-patch.ts'

const HANDLE = {
  artifact_id: '00000000-0000-4000-8000-000000000003',
  kind: 'report' as const,
  uri: '/objects/a',
  content_hash: 'a'.repeat(64),
  size_bytes: 1,
  classification: 'low' as const,
  exportable: false,
}
const CLAIM = '<mt_complete>\nMT_ID: MT-001\nEVIDENCE:\n- "It is done." -> src/1.ts:1\n</mt_complete>\n'
const EDIT = '<mt_file path="src/1.ts">\nexport const one = 1\n</mt_file>\n'

type SpecResult = ValidationResult['spec_results'][number]

function specResult(index: number, exitCode: number | null, error?: string): SpecResult {
  return {
    spec_index: index,
    command: 'node check.mjs',
    expected: 'exit_0',
    actual_exit_code: exitCode,
    passed: exitCode === 0,
    duration_ms: 1,
    stderr_ref: HANDLE,
    ...(error !== undefined && { error }),
  }
}

function ran(exitCode: number | null, error?: string, beside: readonly SpecResult[] = []): VerificationOutcome {
  const spec = specResult(0, exitCode, error)
  const times = { started_at: AT, completed_at: AT, total_duration_ms: 1 }
  const result = { passed: spec.passed, spec_results: [spec, ...beside], evidence_artifact_ref: HANDLE, ...times }
  return { status: 'ran', isolation: 'none', result }
}

interface Judged {
  readonly judgement: Judgement
  /** What was done to the worktree, in its order. */
  readonly written: readonly (readonly FileChange[] | 'restored')[]
  readonly factors: readonly (number | undefined)[]
  readonly refused: readonly string[]
}

async function judge(
  text: string,
  outcomes: readonly VerificationOutcome[] = [ran(0)],
  more: {
    readonly output?: string
    readonly isShownWhole?: boolean
    readonly blockingFailed?: readonly number[]
    readonly verify?: MicroTaskDefinition['verify']
  } = {},
): Promise<Judged> {
  const written: (readonly FileChange[] | 'restored')[] = []
  const factors: (number | undefined)[] = []
  const refused: string[] = []
  const judgement = await judgePatch(
    {
      worktree: {
        reader: {
          read: (path) =>
            path === 'src/1.ts'
              ? { status: 'read', bytes: Buffer.from('export const one = 0\n') }
              : { status: 'missing' },
        },
        restore: () => void written.push('restored'),
        write: (changes) => void written.push(changes),
        accept: () => expect.fail('edits are accepted with the record, not by the judge'),
      },
      verification: {
        check: async () => [],
        async run({ timeoutFactor }) {
          factors.push(timeoutFactor)
          return outcomes[factors.length - 1] ?? ran(0)
        },
      },
      protectedPaths: new Set(),
      isShownWhole: () => more.isShownWhole ?? true,
      signal: new AbortController().signal,
      onRefused: ({ code }) => refused.push(code),
      onTried() {},
    },
    () => more.output ?? '',
    {
      ...FIRST_ITERATION,
      definition: { ...FIRST_ITERATION.definition, ...(more.verify && { verify: more.verify }) },
      ...(more.blockingFailed && { previous: { outcome: 'RETRY', blockingFailed: more.blockingFailed } }),
    },
    { text, output: 'b'.repeat(64) },
  )
  return { judgement, written, factors, refused }
}

test('edits with evidence whose commands pass are complete', async () => {
  const { judgement, written, factors } = await judge(EDIT + CLAIM)
  expect(judgement.outcome).toEqual({ kind: 'claimed', validation_passed: true, blocking_checks: 1 })
  // First the tree is what is finished, then the edits are written over it.
  expect(written).toEqual(['restored', [expect.objectContaining({ after: 'export const one = 1\n' })]])
  expect(factors).toEqual([1])
})

test.each([
  ['no claim', EDIT, 'working'],
  ['a claim with the wrong id', EDIT + CLAIM.replace('MT-001', 'MT-002'), 'malformed_signal'],
  ['an edit that is none, and no claim', '<mt_diff>\n@@\n</mt_diff>\n', 'malformed_signal'],
  ['a file of somebody else', EDIT.replace('src/1.ts', 'src/2.ts') + CLAIM, 'scope_violation'],
  ['a path out of the workspace', EDIT.replace('src/1.ts', '../1.ts') + CLAIM, 'scope_violation'],
  ['a block', '<blocked>\nREASON: clarification_available\nNEED: a name\n</blocked>\n', 'blocked'],
])('%s: no command runs', async (_, text, kind) => {
  const { judgement, factors } = await judge(text)
  expect([judgement.outcome.kind, factors]).toEqual([kind, []])
})

test.each([
  ['evidence that points nowhere', EDIT + CLAIM.replace(':1\n', ':9\n')],
  ['unfinished work', EDIT.replace('= 1', '= 1 // TODO') + CLAIM],
  ['an edit that is none', `<mt_diff>\n@@\n</mt_diff>\n${CLAIM}`],
])('T-MT-11: a claim with %s is a false completion, before any command', async (_, text) => {
  const { judgement, factors } = await judge(text)
  expect([judgement.outcome, factors]).toEqual([{ kind: 'claimed', validation_passed: false, blocking_checks: 0 }, []])
})

test.each([
  ['a diff in a fence', '```diff\n--- a/src/1.ts\n+++ b/src/1.ts\n@@ -1 +1 @@\n-a\n+b\n```\n'],
  ['a diff', '--- a/src/1.ts\n+++ b/src/1.ts\n@@ -1 +1 @@\n-a\n+b\n'],
  ['a file in a fence', 'Here it is:\n```ts\nexport const one = 1\n```\n'],
  ['conflict markers', '<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n'],
])('a claim with an edit as %s is a false completion, whatever the commands would say', async (_, text) => {
  for (const answer of [text + CLAIM, CLAIM + text, `${text}\`\`\`\n${CLAIM}\`\`\`\n`]) {
    const { judgement, factors } = await judge(answer)
    expect([judgement.outcome, factors]).toEqual([
      { kind: 'claimed', validation_passed: false, blocking_checks: 0 },
      [],
    ])
    expect(judgement.summary).toContain('<mt_file>')
  }
})

test.each([
  ['nothing around it', CLAIM],
  ['words', `It was right already: \`one\` is there.\n${CLAIM}`],
  ['a fence around the block', `It was right already.\n\n\`\`\`xml\n${CLAIM}\`\`\`\n`],
])('a claim that needs no edit is checked by its commands: %s', async (_, text) => {
  const { judgement, factors } = await judge(text)
  expect([judgement.outcome, factors]).toEqual([{ kind: 'claimed', validation_passed: true, blocking_checks: 1 }, [1]])
})

test('a file of which only a part was shown is changed by a diff, never written as a whole', async () => {
  const partly = { isShownWhole: false }
  const { judgement, factors, refused } = await judge(EDIT + CLAIM, [ran(0)], partly)
  expect([judgement.outcome, factors]).toEqual([{ kind: 'claimed', validation_passed: false, blocking_checks: 0 }, []])
  expect(refused).toEqual(['FILE_NOT_SHOWN'])
  const lines = '--- a/src/1.ts\n+++ b/src/1.ts\n@@ -1 +1 @@\n-export const one = 0\n+export const one = 1\n'
  const diff = await judge(`<mt_diff>\n${lines}</mt_diff>\n${CLAIM}`, [ran(0)], partly)
  expect(diff.judgement.outcome).toMatchObject({ validation_passed: true })
})

test('T-MT-05: a command that takes too long runs once more with twice the time, then escalates', async () => {
  const slow = ran(null, 'timeout')
  const twice = await judge(EDIT + CLAIM, [slow, slow])
  expect([twice.factors, twice.judgement.outcome.kind, twice.judgement.category]).toEqual([
    [1, 2],
    'validation_error',
    'timeout_exceeded',
  ])
  expect((await judge(EDIT + CLAIM, [slow, ran(0)])).judgement.outcome).toMatchObject({ validation_passed: true })
})

test('a command that decides nothing may take too long, beside one that decides and fails too', async () => {
  const lenient = { command: 'node lint.mjs', expect: 'exit_0' as const, timeout_ms: 1_000, blocking: false }
  const { factors, judgement } = await judge(EDIT + CLAIM, [ran(1, undefined, [specResult(1, null, 'timeout')])], {
    verify: [...FIRST_ITERATION.definition.verify, lenient],
  })
  expect([factors, judgement.outcome.kind]).toEqual([[1], 'claimed'])
})

test('a command that may not run ends the job', async () => {
  const refusal = { code: 'COMMAND_NOT_ALLOWED' as const, expected: 'node', came: 'rm', next: 'Allow it.' }
  const { judgement } = await judge(EDIT + CLAIM, [{ status: 'refused', refusals: [refusal] }])
  expect(judgement.demand).toEqual({ kind: 'fail_job', code: 'COMMAND_NOT_ALLOWED' })
})

test.each([
  ["SyntaxError: Unexpected token '}'", undefined, 'syntax_error_isolated'],
  [Array.from({ length: 5 }, () => 'SyntaxError: x').join('\n'), undefined, 'syntax_error_systemic'],
  ['TypeError: made.two is not a function', undefined, 'hallucination_api'],
  ['AssertionError', undefined, 'unknown'],
  // It had passed before: another attempt failed on something else.
  ['AssertionError', [1], 'logic_error_regression'],
])('why a command failed is told from its output: %j', async (output, blockingFailed, category) => {
  const { judgement } = await judge(EDIT + CLAIM, [ran(1)], { output, ...(blockingFailed && { blockingFailed }) })
  expect(judgement).toMatchObject({ category, outcome: { validation_passed: false, blocking_checks: 1 } })
})
