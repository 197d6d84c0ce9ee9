import type { EvidenceLine, MicroTaskDefinition } from '@ctxlock/contracts/micro-task'

import { createSourceLookup, linesBetween, type QuotedFileReader } from './source-text.ts'

export type EvidenceProblem =
  | 'criterion_missing'
  | 'criterion_unknown'
  | 'criterion_repeated'
  | 'outside_task'
  | 'missing_file'
  | 'range_outside_file'
  | 'range_empty'

export interface EvidenceFinding {
  readonly problem: EvidenceProblem
  readonly criterion: string
}

/**
 * Checks the evidence of a completion claim before any command runs (MT-035): every done criterion is covered exactly
 * once, its file belongs to the task and exists, and the named lines hold text. An empty answer means the claim may be
 * validated; any finding makes it a false completion. `readFile` is not asked about files outside the task.
 */
export function checkEvidence(
  evidence: readonly EvidenceLine[],
  definition: Pick<MicroTaskDefinition, 'done' | 'files'>,
  readFile: QuotedFileReader,
): EvidenceFinding[] {
  const { read, modify, create } = definition.files
  const ofTask = new Set([...read, ...modify, ...create])
  const open = new Set(definition.done.map(({ description }) => comparable(description)))
  const wanted = new Set(open)
  const lookUp = createSourceLookup(readFile)

  const findings = evidence.flatMap(({ criterion, path, start_line, end_line }): EvidenceFinding[] => {
    const name = comparable(criterion)
    if (!wanted.has(name)) return [{ problem: 'criterion_unknown', criterion }]
    if (!open.delete(name)) return [{ problem: 'criterion_repeated', criterion }]
    if (!ofTask.has(path)) return [{ problem: 'outside_task', criterion }]
    const lookup = lookUp(path)
    if (lookup.status !== 'found') {
      return [{ problem: lookup.status === 'missing_file' ? 'missing_file' : 'outside_task', criterion }]
    }
    // The empty text behind a final line ending is not a line of the file.
    const lineCount = lookup.source.starts.length - (lookup.source.text.endsWith('\n') ? 1 : 0)
    const lines = end_line > lineCount ? undefined : linesBetween(lookup.source, start_line, end_line)
    if (lines === undefined) return [{ problem: 'range_outside_file', criterion }]
    return lines.trim() === '' ? [{ problem: 'range_empty', criterion }] : []
  })
  const missing = definition.done
    .filter(({ description }) => open.has(comparable(description)))
    .map(({ description }): EvidenceFinding => ({ problem: 'criterion_missing', criterion: description }))
  return [...findings, ...missing]
}

function comparable(criterion: string): string {
  return criterion.normalize('NFC').trim()
}
