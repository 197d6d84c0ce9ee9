import type { Retrieval } from '@ctxlock/context-compiler'
import type { GuardRemoval } from '@ctxlock/contracts/guards'
import { fileSourceId } from '@ctxlock/contracts/references'
import type { CandidateHit } from '@ctxlock/contracts/retrieval'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import type { CallSubject } from '../call-subject.ts'
import type { PackShelf } from '../packs/pack-shelf.ts'

/** What guards want out before they look again, with the warnings they gave. */
export interface Quarantine {
  readonly removals: readonly GuardRemoval[]
  readonly warnings: readonly string[]
  readonly hits: readonly CandidateHit[]
}

type PacksInUse = Pick<PackShelf, 'used' | 'withdraw'>

/**
 * The retrieval without what the guards want out; a pack goes with the candidates it brought (VAL-007, VAL-064). Each call
 * takes something out, so that guards and removals end. Throws `REMOVAL_IMPOSSIBLE` for anything else, and
 * `SOURCE_QUARANTINED` when nothing is left of a file that was named.
 */
export function withoutSuspects(
  retrieval: Retrieval,
  { removals, warnings, hits }: Quarantine,
  shelf: PacksInUse,
  subject: Pick<CallSubject, 'definition'>,
): Retrieval {
  const candidates = removals.flatMap((removal) =>
    candidateIds(removal, retrieval, shelf).map((id) => ({ id, reason: removal.reason })),
  )
  const rest = retrieval.without(candidates, warnings, hits)
  if (removals.some(({ reason }) => reason === 'injection_suspected')) requireNamed(subject, retrieval, rest)
  return rest
}

/** A file that the person or the task named has to be among the evidence; an answer without it would be about other files. */
function requireNamed({ definition: { files } }: Pick<CallSubject, 'definition'>, before: Retrieval, after: Retrieval) {
  const shows = ({ snippets }: Retrieval, path: string) =>
    snippets.some(({ span }) => span.ref.id === fileSourceId(path))
  const path = [...files.modify, ...files.read].find((named) => shows(before, named) && !shows(after, named))
  if (path === undefined) return
  throw new CommandError({
    exit: EXIT_CODE.refused,
    code: 'SOURCE_QUARANTINED',
    message: `${path} was named as a source, and every passage of it that fits is suspected of an injection`,
    hint: `Nothing was sent. \`ctxlock scan ${path}\` shows the places; ask without naming the file, or correct it.`,
  })
}

function candidateIds({ kind, id }: GuardRemoval, { candidates, snippets }: Retrieval, shelf: PacksInUse): string[] {
  if (kind === 'candidate' && snippets.some(({ candidate_id }) => candidate_id === id)) return [id]
  const pack = kind === 'pack' ? shelf.used.find(({ record }) => record.payload_hash === id) : undefined
  if (!pack) throw impossible(kind)
  shelf.withdraw(pack.record.payload_hash)
  const source = fileSourceId(pack.path)
  return candidates
    .filter(({ store, ref }) => store === 'context_packs' && ref.id === source)
    .map(({ candidate_id }) => candidate_id)
}

function impossible(kind: GuardRemoval['kind']): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'REMOVAL_IMPOSSIBLE',
    message: `a guard wants a ${kind} out of the call that cannot be taken out`,
    hint: 'Nothing was sent. Ask again with other sources.',
  })
}
