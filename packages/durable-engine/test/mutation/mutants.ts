// Small mistakes in the engine, as changes of its source text. Each must be caught.
export interface Mutant {
  readonly name: string
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

const mutant = (name: string, file: string, find: string, replace: string): Mutant => ({ name, file, find, replace })

export const MUTANTS: readonly Mutant[] = [
  // Signals and waits
  mutant(
    'a repeated signal is refused',
    'run-signals.ts',
    'if (known !== undefined) return isSame(known, signal, stored.text)',
    '',
  ),
  mutant(
    'a second key repeats the first decision',
    'run-signals.ts',
    `if (!isObject || known['idempotencyKey'] !== idempotencyKey) return false`,
    '',
  ),
  mutant('a conflicting payload passes as repeated', 'run-signals.ts', `=== given) return true`, `!== '') return true`),
  mutant(
    'a signal that comes early is lost',
    'run-signals.ts',
    'if (isEnded(state)) return false',
    `if (state !== 'waiting') return false`,
  ),
  mutant('a signal after the end is taken', 'run-signals.ts', 'if (isEnded(state)) return false', ''),
  mutant('a signal wakes nobody', 'run-signals.ts', 'if (isWaiting) runs.wake(runId)', ''),
  mutant('a time is over early', 'open-waits.ts', 'until > now)', 'until > now + 2000)'),
  mutant(
    'a run is parked although its wait was decided',
    'run-life.ts',
    'if (found.size > 0 || busy > 0) return found',
    'if (busy > 0) return found',
  ),
  mutant(
    'a run is parked while a step is under way',
    'run-life.ts',
    'if (found.size > 0 || busy > 0) return found',
    'if (found.size > 0) return found',
  ),
  mutant(
    'a parked run has no time',
    'run-table.ts',
    'const due = times.length === 0 ? null : Math.min(...times)',
    'const due = null',
  ),
  mutant('a parked run has its latest time', 'run-table.ts', 'Math.min(...times)', 'Math.max(...times)'),
  mutant('a clock is read again', 'workflow-context.ts', 'if (entry !== undefined) return Number(entry)', ''),
  // Steps
  mutant(
    'a finished step is played back under any input',
    'journal.ts',
    'if (recorded === given) return',
    'if (recorded !== undefined) return',
  ),
  mutant(
    'a step is the same by its input alone',
    'step-identity.ts',
    'toStoredJson([activity, input.hash]',
    'toStoredJson([input.hash]',
  ),
  mutant('a workflow may pass over non-determinism', 'run-life.ts', `new Set(['NON_DETERMINISM', `, 'new Set(['),
  mutant(
    'two callers of a step call twice',
    'step-runner.ts',
    '      underWay.set(key, { inputHash: hash, result })\n',
    '',
  ),
  mutant('every attempt is the first', 'step-runner.ts', 'attempt: count }', 'attempt: 1 }'),
  mutant('one attempt too many', 'step-runner.ts', 'count >= policy.maxAttempts', 'count > policy.maxAttempts'),
  mutant('what cannot be retried is retried', 'step-runner.ts', ' || !isRetryable(error)', ''),
  mutant(
    'a retry does not wait',
    'step-runner.ts',
    'clock.now() + delayAfter(policy, count, random.fraction())',
    'clock.now()',
  ),
  mutant(
    'later retries do not wait',
    'step-runner.ts',
    "await waitFor({ kind: 'retry', key: retryKey,",
    "await waitFor({ kind: 'retry', key,",
  ),
  mutant(
    'a failure is not kept',
    'step-runner.ts',
    `    await held.write(() => journal.add(runId, 'failure', key, hash, stored))\n`,
    '',
  ),
  mutant('a result is kept although its events were refused', 'group-commit.ts', '      undo.run()\n', ''),
  mutant(
    'a result is kept apart from its events',
    'step-runner.ts',
    `    return held.write(\n      () => {\n        journal.add(runId, 'step', key, hash, result)`,
    `    void held.write(() => journal.add(runId, 'step', key, hash, result))\n    return held.write(\n      () => {`,
  ),
  mutant(
    'events are written without the result',
    'step-runner.ts',
    `        journal.add(runId, 'step', key, hash, result)\n`,
    '',
  ),
  mutant(
    'a result is told before it is durable',
    'group-commit.ts',
    'return () => resolve(result)',
    'resolve(result)\n          return () => undefined',
  ),
  mutant('a timeout aborts nothing', 'attempt.ts', '    controller.abort(reason)\n', ''),
  mutant('a timeout is not noticed', 'attempt.ts', '    reject(reason)\n', ''),
  mutant(
    'the end of a run aborts nothing',
    'attempt.ts',
    `  life.addEventListener('abort', onEnd, { once: true })\n`,
    '',
  ),
  // Who may write
  mutant('any process may write', 'held-run.ts', ' || holder !== owner.id', ''),
  mutant(
    'the fence is not asked when something is written',
    'held-run.ts',
    `if (error) throw new RunStopped({ state: 'failed', error })`,
    '',
  ),
  mutant(
    'the fence is not asked at the end',
    'played-run.ts',
    'const error = parts.fence(parts.database, runId)',
    'const error = undefined',
  ),
  mutant('a run is claimed twice', 'run-table.ts', `WHERE run_id = ? AND state = 'pending'\``, 'WHERE run_id = ?`'),
  mutant(
    'living processes are held for dead',
    'run-ownership.ts',
    'if (holder !== owner.id && owner.isGone(holder)) runs',
    'if (holder !== owner.id) runs',
  ),
  mutant(
    'more runs than workers',
    'run-dispatcher.ts',
    '      if (lives.size + reserved.size >= options.concurrency) return\n',
    '',
  ),
  mutant(
    'a worker is freed that another start reserved',
    'engine.ts',
    'if (isOurs) dispatcher.unreserve(runId)',
    'dispatcher.unreserve(runId)',
  ),
  mutant(
    'a parked run keeps its worker',
    'run-life.ts',
    `if (decided === 'parked') return leave()`,
    `if (decided === 'parked') return`,
  ),
  // Ends
  mutant(
    'a cancelled run begins one more step',
    'held-run.ts',
    `if (reason !== undefined) throw new RunStopped({ state: 'cancelled', reason })`,
    '',
  ),
  mutant(
    'a cancelled run is completed',
    'played-run.ts',
    `else if (reason !== undefined) endRun(parts, definition, runId, { state: 'cancelled', reason })\n`,
    '',
  ),
  mutant(
    'terminate waits for the step',
    'run-cancel.ts',
    `if (mode === 'cooperative' && isWorkedOn && state`,
    'if (isWorkedOn && state',
  ),
  mutant(
    'cooperative does not wait for the step',
    'run-cancel.ts',
    `if (mode === 'cooperative' && isWorkedOn && state`,
    'if (false && state',
  ),
  mutant('terminate is noticed later', 'engine.ts', '    dispatcher.look(runId)\n', ''),
  mutant('an ended run ends again', 'run-cancel.ts', 'if (isOver(state)) return false', ''),
  mutant(
    'a cancelled run writes no end',
    'run-cancel.ts',
    `else endRun(parts, definition, runId, { state: 'cancelled', reason })`,
    `else parts.runs.end(runId, { state: 'cancelled', reason })`,
  ),
  mutant(
    'resuming forgets what was finished',
    'journal.ts',
    `kind IN ('failure', 'retry', 'retry-until')`,
    `kind IN ('step', 'failure', 'retry', 'retry-until')`,
  ),
  mutant(
    'resuming forgets no failure',
    'journal.ts',
    `kind IN ('failure', 'retry', 'retry-until')`,
    `kind IN ('retry', 'retry-until')`,
  ),
  mutant('another input finds the run', 'run-start.ts', ` || textOf(row, 'input_hash') !== input.hash`, ''),
  mutant(
    'another major version goes on',
    'identifier.ts',
    "`${workflow}@${version.split('.', 1)[0] ?? version}`",
    '`${workflow}`',
  ),
  mutant('a cancelled run can be resumed', 'engine.ts', `if (isOver(state)) throw finished(runId, state)`, ''),
  mutant(
    'dead processes keep their runs',
    'run-ownership.ts',
    'if (holder !== owner.id && owner.isGone(holder)) runs',
    'if (holder === owner.id) runs',
  ),
  mutant('a signal after its time is taken', 'run-signals.ts', '    until !== undefined &&\n', '    until === 0 &&\n'),
]
