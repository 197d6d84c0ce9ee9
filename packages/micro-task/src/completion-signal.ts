import type { CompletionSignal, EvidenceLine, SignalProblem } from '@ctxlock/contracts/micro-task'

type CompletionBlock = 'mt_complete' | 'blocked'

const TAG = /<(\/?)(mt_complete|blocked)>/g
/** What can only be meant as the first tag. `<Blocked` may be a type or an element of somebody's code. */
const NEAR_TAG = /<[ \t]{0,4}\/?[ \t]{0,4}mt_complete(?![\w-])/gi
const EVIDENCE = /^- "(.*)" (?:->|\u2192) (.+?):(\d{1,7})(?:-(\d{1,7}))?$/
const LONGEST_LINE = 8192
const LONGEST_FIELD = 512

interface Tag {
  readonly name: CompletionBlock
  readonly isClosing: boolean
  readonly start: number
  readonly end: number
}

/**
 * What a model's whole output claims about the micro-task `mtId` (MT-032). Strict (MT-033): one block, in one piece, with
 * the right id and nothing unexpected inside, or it is `malformed`, which claims nothing. Text around the block, a code
 * fence included, does not matter. Linear in the length of the output, which is untrusted (MT-034).
 */
export function parseCompletionSignal(output: string, mtId: string): CompletionSignal {
  const tags = Array.from(output.matchAll(TAG), ({ 0: text, 1: slash, 2: name, index }): Tag => {
    const kind = name === 'blocked' ? 'blocked' : 'mt_complete'
    return { name: kind, isClosing: slash === '/', start: index, end: index + text.length }
  })
  const problem = tagProblem(tags, output)
  if (problem !== undefined) return malformed(problem)
  const [open, close] = tags
  if (!open || !close) return { kind: 'working' }
  const lines = output
    .slice(open.end, close.start)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (lines.some((line) => line.length > LONGEST_LINE)) return malformed('unexpected_line')
  return open.name === 'blocked' ? parseBlocked(lines) : parseComplete(lines, mtId)
}

function tagProblem(tags: readonly Tag[], output: string): SignalProblem | undefined {
  const claims = tags.filter(({ name }) => name === 'mt_complete').length
  if (Array.from(output.matchAll(NEAR_TAG)).length !== claims) return 'misspelled_tag'
  const [open, close] = tags
  if (!open) return undefined
  if (tags.some(({ name }) => name !== open.name)) return 'both_kinds'
  if (open.isClosing) return 'misplaced_tag'
  // More than two are a second block, or a block inside a block.
  if (tags.length > 2) return 'duplicate_block'
  return close?.isClosing === true ? undefined : 'unclosed_tag'
}

function parseComplete(lines: readonly string[], mtId: string): CompletionSignal {
  const [idLine, heading, ...evidenceLines] = lines
  const id = fieldOf(idLine, 'MT_ID')
  if (id === undefined || heading === undefined || evidenceLines.length === 0) return malformed('missing_field')
  if (id !== mtId) return malformed('wrong_id')
  if (heading !== 'EVIDENCE:') return malformed('unexpected_line')
  const evidence: EvidenceLine[] = []
  for (const line of evidenceLines) {
    const item = parseEvidence(line)
    if (!item) return malformed('unexpected_line')
    evidence.push(item)
  }
  return { kind: 'complete', mt_id: id, evidence }
}

function parseEvidence(line: string): EvidenceLine | undefined {
  const [, criterion = '', path = '', start, end = start] = EVIDENCE.exec(line) ?? []
  if (criterion === '' || criterion.length > 500 || path.length > 4096) return undefined
  const [startLine, endLine] = [Number(start), Number(end)]
  if (startLine < 1 || endLine < startLine) return undefined
  return { criterion, path, start_line: startLine, end_line: endLine }
}

function parseBlocked(lines: readonly string[]): CompletionSignal {
  const [reasonLine, needLine, ...others] = lines
  const reason = fieldOf(reasonLine, 'REASON')
  const need = fieldOf(needLine, 'NEED')
  if (reason === undefined || need === undefined) return malformed('missing_field')
  if (others.length > 0) return malformed('unexpected_line')
  return { kind: 'blocked', reason, need }
}

/** The value of a `NAME: value` line, on one line and short enough for a record; undefined without one. */
function fieldOf(line: string | undefined, name: string): string | undefined {
  if (line === undefined || !line.startsWith(`${name}:`)) return undefined
  const value = line
    .slice(name.length + 1)
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, LONGEST_FIELD)
  return value === '' ? undefined : value
}

function malformed(problem: SignalProblem): CompletionSignal {
  return { kind: 'malformed', problem }
}
