import { EXIT_CODE } from '../exit-code.ts'
import type { EditOutcome } from './edit.ts'
import type { LockVariations, Variation } from './lock-variations.ts'
import type { PolicyOutcome } from './policy-outcomes.ts'

const SHOWN_LINES = 5
const WIDTH = 160

/** The hashes, and `5/5 identical` or the first differing byte with its line in both. */
export function variationLines({ lock, hash, variations }: LockVariations): string[] {
  const tried = variations.filter(({ result }) => result !== 'skipped')
  const identical = tried.filter(({ result }) => result === 'identical').length
  const skipped = variations.length - tried.length
  return [
    `lockfile   ${hash}  ${lock.sources} sources, ${lock.packed} packed`,
    ...variations.flatMap(variationLine),
    `${identical}/${tried.length} identical${skipped === 0 ? '' : `, ${skipped} skipped`}`,
  ]
}

function variationLine({ name, result, hash, note, difference }: Variation): string[] {
  const line = `${result.padEnd(10)} ${hash ?? ''.padEnd(64)}  ${name}: ${note}`
  if (!difference) return [line]
  return [
    line,
    `           first differing byte ${difference.offset}, line ${difference.line}`,
    `           here   ${shortened(difference.expected)}`,
    `           there  ${shortened(difference.actual)}`,
  ]
}

/** The refusal, the changed lines, and the three policies side by side. */
export function editLines(edit: EditOutcome | undefined, byPerson: boolean): string[] {
  if (!edit) return []
  const { path, old_hash, new_hash, lines, policies } = edit
  return [
    '',
    byPerson ? `edited     ${path}` : `edited     ${path}, in the copy: one line was added`,
    `refused    \`ctxlock check\` exits with ${EXIT_CODE.stale}`,
    `           old ${old_hash}`,
    `           ${new_hash === undefined ? 'removed' : `new ${new_hash}`}`,
    ...(lines ? [`           line ${lines.line}`, ...marked('-', lines.removed), ...marked('+', lines.added)] : []),
    '',
    'what a governed call does with the pack of that file, by policy:',
    ...policies.map(policyLine),
  ]
}

function policyLine({ stale_handling, regen_required, decision_row, exit }: PolicyOutcome): string {
  const demand = regen_required ? 'fresh pack required' : 'fresh pack not required'
  return `  ${stale_handling.padEnd(21)} ${demand.padEnd(24)} exit ${exit}  ${MEANING[stale_handling]} (${decision_row})`
}

const MEANING: Readonly<Record<PolicyOutcome['stale_handling'], string>> = {
  fallback: 'goes on without the pack: the file is read anew',
  degrade_and_fallback: 'goes on without the pack and is marked degraded',
  fail: 'stops: no context is compiled, nothing is sent',
}

function marked(sign: string, lines: readonly string[]): string[] {
  const more = lines.length - SHOWN_LINES
  return [
    ...lines.slice(0, SHOWN_LINES).map((line) => `           ${sign} ${shortened(line)}`),
    ...(more > 0 ? [`           ${sign} … ${more} more`] : []),
  ]
}

function shortened(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line
}
