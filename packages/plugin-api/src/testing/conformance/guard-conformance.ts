import { deepEqual, equal, ok } from 'node:assert/strict'

import type { CallInput, GuardOutcome, VersionedGuard } from '@ctxlock/contracts/guards'
import { Identifier } from '@ctxlock/contracts/primitives'

import type { ConformanceCase } from './conformance-case.ts'
import { answersOf } from './guard-answers.ts'
import { callData, callWith, copied, frozenCall, hostileCalls, textsOf } from './guard-calls.ts'

/** What the cases need to know of the guard under test. `exampleCall` of `@ctxlock/contracts/testing` makes calls. */
export interface GuardTarget {
  /** A new one for each case. */
  readonly create: () => VersionedGuard
  /** A call the guard has nothing against, and one it refuses. */
  readonly passing: CallInput
  readonly refused: CallInput
  /** Texts of the blocks or snippets of these calls, which no answer may repeat. */
  readonly markers: readonly string[]
  /** Milliseconds one answer may take; default 5000, as in the pipeline (VAL-005). */
  readonly timeoutMs?: number
}

/** What every guard must pass. `for (const { name, run } of guardConformance(target)) test(name, run)`. */
export function guardConformance(target: GuardTarget): readonly ConformanceCase[] {
  const { timeoutMs = 5000 } = target
  // Copies, so that a guard that changes a call fails its own case and no other.
  const ask = (guard: VersionedGuard, call: CallInput): Promise<readonly GuardOutcome[]> =>
    answersOf(guard, copied(call), timeoutMs)
  const both = [target.passing, target.refused]
  return [
    {
      name: 'identity: a name and a version of one line, the same for every instance and after an answer',
      run: async () => {
        const [first, second] = [target.create(), target.create()]
        const identity = [first.name, first.version]
        ok(
          identity.every((text) => Identifier.safeParse(text).success),
          'expected a name and a version of one line',
        )
        await ask(first, target.passing)
        deepEqual([first.name, first.version], identity)
        deepEqual([second.name, second.version], identity)
      },
    },
    {
      name: 'hooks: at least one is there and asked with the examples',
      run: async () => {
        for (const call of both) ok((await ask(target.create(), call)).length > 0, 'expected a hook that is asked')
      },
    },
    {
      name: 'passes: the call it has nothing against',
      run: async () => {
        for (const { verdict, removals } of await ask(target.create(), target.passing))
          deepEqual([verdict, removals], ['pass', []], 'expected a pass without removals')
      },
    },
    {
      name: 'refuses: the other call, by an error or a removal',
      run: async () => {
        const answers = await ask(target.create(), target.refused)
        ok(
          answers.some(({ errors, removals }) => errors.length + removals.length > 0),
          'expected an error or a removal',
        )
      },
    },
    {
      name: 'answers: of the schema, verdict and errors agree, and errors name the guard',
      run: async () => {
        const guard = target.create()
        for (const call of both) for (const answer of await ask(guard, call)) checkAnswer(answer, guard.name)
      },
    },
    {
      name: 'repeatable: pure; other calls in between change nothing',
      run: async () => {
        const guard = target.create()
        const first = structuredClone(await ask(guard, target.refused))
        for (const call of [target.passing, ...hostileCalls(target.passing).slice(0, 20)]) await ask(guard, call)
        deepEqual(await ask(guard, target.refused), first)
        deepEqual(await ask(target.create(), target.refused), first, 'expected the same from a new instance')
      },
    },
    {
      name: 'inputs: frozen ones are fine, and none is changed',
      run: async () => {
        for (const call of both) {
          await answersOf(target.create(), frozenCall(call), timeoutMs)
          const soft = copied(call)
          await answersOf(target.create(), soft, timeoutMs)
          deepEqual(callData(soft), callData(call), 'expected the call to stay as it was')
        }
      },
    },
    {
      name: 'texts: none of the call stands in an answer (VAL-009)',
      run: async () => {
        ok(target.markers.length > 0, 'expected at least one marker')
        const texts = both.flatMap(textsOf).join('\n')
        for (const marker of target.markers) ok(texts.includes(marker), 'expected each marker in a block or a snippet')
        const marked = target.markers.flatMap((marker) => both.map((call) => callWith(call, `${marker}\n${marker}`)))
        for (const call of [...both, ...marked]) {
          const said = (await ask(target.create(), call)).flatMap(textsIn)
          for (const marker of target.markers)
            ok(!said.some((text) => text.includes(marker)), 'expected ids, hashes and numbers, got text of the call')
        }
      },
    },
    {
      name: 'hostile: random, damaged and endless texts are answered, in bounded time',
      run: async () => {
        const guard = target.create()
        for (const call of both.flatMap(hostileCalls))
          for (const answer of await ask(guard, call)) checkAnswer(answer, guard.name)
      },
    },
  ]
}

function checkAnswer({ verdict, errors, matches }: GuardOutcome, name: string): void {
  equal(verdict === 'fail', errors.length > 0, 'expected `fail` with errors, and only then')
  for (const { guard } of errors) equal(guard, name, 'expected errors under the name of the guard')
  const detected = errors.some(({ code }) => code === 'PromptInjectionDetected')
  ok(!detected || matches.length > 0, 'expected a detection to say where')
}

/** Every string in an answer, unescaped. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsIn(part)])
}
