import { surveySources } from '../lock/source-survey.ts'
import { committedHashes, hashOfFiles, hashOfSurvey, readAgain } from './check-basis.ts'
import type { CheckMemory } from './check-memory.ts'
import type { RememberedCheck } from './remembered-check.ts'

/**
 * The earlier check that found nothing changed, when another would say the same: everything it rests on is the same, byte for
 * byte. Every source is read and hashed for that; only what follows from them is remembered. Undefined whenever that is not
 * certain, and the command itself has to run.
 */
export async function rememberedAnswer(root: string, memory: CheckMemory): Promise<RememberedCheck | undefined> {
  const known = memory.recall(root)
  if (!known) return undefined
  const { sources, reads, filesHash, surveyHash } = known
  if (hashOfFiles(memory.program, committedHashes(root), readAgain(root, reads)) !== filesHash) return undefined
  return hashOfSurvey(await surveySources(root, { sources })) === surveyHash ? known : undefined
}
