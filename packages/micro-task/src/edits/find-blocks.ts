import { DIFF_TAG, FILE_TAG, type EditBlock } from './edit-format.ts'
import { refuse, type EditRefused } from './edit-refusal.ts'

const OPENING = new RegExp(`^<(?:(${DIFF_TAG})|${FILE_TAG} path="([^"]{1,4096})")>$`)
/** A line that can only be meant as one of our tags. */
const NEAR_TAG = new RegExp(`^\\s{0,8}<\\s{0,4}/?\\s{0,4}(?:${DIFF_TAG}|${FILE_TAG})(?![\\w-])`, 'i')

/** The edit blocks of an answer in order, and the answer without them. A line that nearly is a tag refuses all of it. */
export function findBlocks(answer: string): { readonly blocks: readonly EditBlock[]; readonly rest: string } {
  const lines = answer.split(/\r?\n/)
  const blocks: EditBlock[] = []
  const rest: string[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const opening = OPENING.exec(line.trimEnd())
    if (!opening) {
      if (NEAR_TAG.test(line)) throw malformed('a tag in another form, or out of its place')
      rest.push(line)
      continue
    }
    const [, isDiff, path] = opening
    const closing = `</${isDiff ?? FILE_TAG}>`
    let end = at + 1
    while (end < lines.length && lines[end]?.trimEnd() !== closing) end += 1
    if (end === lines.length) throw malformed('a block that is not closed')
    const content = lines.slice(at + 1, end)
    // A closing tag that was forgotten would make the next block part of this file.
    if (content.some((other) => OPENING.test(other.trimEnd()))) throw malformed('a block inside a block')
    blocks.push({ kind: isDiff === undefined ? 'file' : 'diff', path, lines: content })
    at = end
  }
  return { blocks, rest: rest.join('\n') }
}

function malformed(came: string): EditRefused {
  return refuse('EDIT_BLOCK_MALFORMED', undefined, {
    expected: `blocks between <${DIFF_TAG}> and </${DIFF_TAG}>, or <${FILE_TAG} path="…"> and </${FILE_TAG}>, each tag alone on its line`,
    came,
    next: 'Write every block from its opening to its closing tag.',
  })
}
