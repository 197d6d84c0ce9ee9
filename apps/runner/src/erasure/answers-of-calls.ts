import type { Session } from '../session/session.ts'
import { hasTable, reachable } from './named-objects.ts'

/**
 * The stored answers of these calls that no other call gave or was shown, but for those erased before. Their run names them in the
 * results of its steps, which stay with it; a run that is over needs no text behind them.
 */
export function answersOnlyOf(
  { state, artifacts, calls }: Pick<Session, 'state' | 'artifacts' | 'calls'>,
  callIds: readonly string[],
  erasedBefore: readonly string[] = [],
): ReadonlySet<string> {
  const [scope, erased] = [new Set(callIds), new Set([...callIds, ...erasedBefore])]
  const [own, others] = [new Set<string>(), new Set<string>()]
  for (const { call_id, answer } of storedAnswers(state.database)) {
    if (scope.has(call_id)) own.add(answer)
    else if (!erased.has(call_id)) others.add(answer)
  }
  const records = [...calls.recordHashes()].flatMap(([callId, hash]) => (erased.has(callId) ? [] : [hash]))
  const shown = reachable(artifacts, records)
  return new Set([...own].filter((hash) => artifacts.has(hash) && !others.has(hash) && !shown.has(hash)))
}

function storedAnswers(database: Session['state']['database']): { call_id: string; answer: string }[] {
  if (!hasTable(database, 'runner_reply')) return []
  return database
    .prepare("SELECT reply ->> '$.call_id' AS call_id, reply ->> '$.output.content_hash' AS answer FROM runner_reply")
    .all()
    .flatMap(({ call_id, answer }) =>
      typeof call_id === 'string' && typeof answer === 'string' ? [{ call_id, answer }] : [],
    )
}
