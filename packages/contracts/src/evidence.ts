// The two text formats that producers and checkers must agree on: how a piece of evidence stands in a prompt, and how an
// answer quotes it. Both are plain text that any model can read and write.

export interface EvidenceBlock {
  /** Canonical source id, `file:<path>` for workspace files. */
  readonly sourceId: string
  readonly startLine: number
  readonly endLine: number
  readonly text: string
}

// Attacker-controlled text may imitate a delimiter; such a line gets one backslash more, and loses it when read back.
const DELIMITER_LIKE = /^<<(\\*)(source|end) /gm
const ESCAPED_DELIMITER = /^<<\\(\\*)(source|end) /gm
const BLOCK = /^<<source ([0-9a-f]{16}) lines:(\d+)-(\d+) (.+)>>\n([\s\S]*?)\n<<end \1>>$/gm

/** Text as it stands between delimiters: lines that imitate one carry a backslash more. */
export function escapeEvidenceText(text: string): string {
  return text.replace(DELIMITER_LIKE, String.raw`<<\$1$2 `)
}

/** Renders untrusted text between delimiters that carry the call's nonce (ACE-013). */
export function formatEvidenceBlock(block: EvidenceBlock, nonce: string): string {
  const text = escapeEvidenceText(block.text)
  return `<<source ${nonce} lines:${block.startLine}-${block.endLine} ${block.sourceId}>>\n${text}\n<<end ${nonce}>>`
}

/** The evidence blocks of a rendered prompt, in order, with their text as it stood in the source. */
export function parseEvidenceBlocks(prompt: string): EvidenceBlock[] {
  const blocks: EvidenceBlock[] = []
  for (const [, , start, end, sourceId = '', text = ''] of prompt.matchAll(BLOCK)) {
    blocks.push({
      sourceId,
      startLine: Number(start),
      endLine: Number(end),
      text: text.replace(ESCAPED_DELIMITER, '<<$1$2 '),
    })
  }
  return blocks
}

/** A verbatim quotation in an answer: a line `path:first-last`, then the quoted lines behind `> `. */
export interface Quotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly text: string
}

const QUOTATION_HEAD =
  /^[ \t]*(?:[-*][ \t]+|\d+[.)][ \t]+)?[`[(]?([^\s`[\]()>:][^\n`:]*?):(\d{1,7})(?:-(\d{1,7}))?[`\])]?:?[ \t]*$/

/** Renders one quotation in the format `parseQuotations` reads. */
export function formatQuotation({ path, startLine, endLine, text }: Quotation): string {
  const lines = text.split('\n').map((line) => (line === '' ? '>' : `> ${line}`))
  return `${path}:${startLine}-${endLine}\n${lines.join('\n')}`
}

/** Every quotation of an answer, in order. Text that only looks similar is not a quotation and is not returned. */
export function parseQuotations(answer: string): Quotation[] {
  const lines = answer.split(/\r?\n/)
  const quotations: Quotation[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const head = QUOTATION_HEAD.exec(lines[index] ?? '')
    if (!head) continue
    const quoted: string[] = []
    for (let line = lines[index + 1]; line !== undefined && /^[ \t]*>/.test(line); line = lines[index + 1]) {
      quoted.push(line.replace(/^[ \t]*> ?/, ''))
      index += 1
    }
    if (quoted.length === 0) continue
    const [, path = '', start = '', end = start] = head
    quotations.push({ path, startLine: Number(start), endLine: Number(end), text: quoted.join('\n') })
  }
  return quotations
}
