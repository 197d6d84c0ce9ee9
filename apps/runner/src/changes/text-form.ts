/** How the bytes of a file stand for text. */
export interface TextForm {
  readonly encoding: 'UTF-8' | 'UTF-8 with a byte-order mark' | 'UTF-16LE' | 'UTF-16BE' | 'binary'
  readonly lineEndings: 'LF' | 'CRLF' | 'mixed' | 'none'
  readonly endsWithLine: boolean
  /** The lines without their endings; none for what is no text. */
  readonly lines: readonly string[]
}

const MARKS = [
  { encoding: 'UTF-8 with a byte-order mark', mark: [0xef, 0xbb, 0xbf], label: 'utf-8' },
  { encoding: 'UTF-16LE', mark: [0xff, 0xfe], label: 'utf-16le' },
  { encoding: 'UTF-16BE', mark: [0xfe, 0xff], label: 'utf-16be' },
] as const

export function textForm(bytes: Uint8Array): TextForm {
  const marked = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))
  const text = decoded(bytes, marked?.label ?? 'utf-8')
  if (text === undefined || text.includes('\0')) {
    return { encoding: 'binary', lineEndings: 'none', endsWithLine: false, lines: [] }
  }
  const pairs = text.split('\r\n').length - 1
  const feeds = text.split('\n').length - 1
  const endsWithLine = text.endsWith('\n')
  const lines = text.split(/\r?\n/)
  return {
    encoding: marked?.encoding ?? 'UTF-8',
    lineEndings: feeds === 0 ? 'none' : pairs === 0 ? 'LF' : pairs === feeds ? 'CRLF' : 'mixed',
    endsWithLine,
    lines: endsWithLine ? lines.slice(0, -1) : text === '' ? [] : lines,
  }
}

function decoded(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** What differs between two forms, beside the words of the lines. */
export function formChanges(before: TextForm, after: TextForm): string[] {
  return [
    ...(before.encoding === after.encoding ? [] : [`encoding: ${before.encoding} → ${after.encoding}`]),
    ...(before.lineEndings === after.lineEndings || [before, after].some(({ lineEndings }) => lineEndings === 'none')
      ? []
      : [`line endings: ${before.lineEndings} → ${after.lineEndings}`]),
    ...(before.endsWithLine === after.endsWithLine || [before, after].some(({ lines }) => lines.length === 0)
      ? []
      : [after.endsWithLine ? 'the last line ends now' : 'the last line no longer ends']),
  ]
}
