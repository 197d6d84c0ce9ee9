import { surveySources } from '../lock/source-survey.ts'
import { committedHashes, hashOfFiles, hashOfSurvey, readAgain } from './check-basis.ts'
import type { CheckMemory } from './check-memory.ts'
import type { CheckedCounts } from './remembered-check.ts'

/**
 * What a check would say when it would find nothing changed: an earlier one did, and everything it rests on is the same, byte
 * for byte. Every source is read and hashed for that; only what follows from them is remembered. Undefined whenever that is
 * not certain, and the check itself has to be made.
 */
export async function rememberedAnswer(root: string, memory: CheckMemory): Promise<CheckedCounts | undefined> {
  const known = memory.recall(root)
  if (!known) return undefined
  const { sources, reads, filesHash, surveyHash, counts } = known
  if (hashOfFiles(memory.program, committedHashes(root), readAgain(root, reads)) !== filesHash) return undefined
  return hashOfSurvey(await surveySources(root, { sources })) === surveyHash ? counts : undefined
}
