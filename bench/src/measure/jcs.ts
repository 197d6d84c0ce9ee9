// Checks number texts against a file in the format of the es6testfile of cyberphone/json-canonicalization: one line per
// number, the bits of an IEEE 754 double in hex, a comma, the text RFC 8785 wants. The full file has 100 million lines.
import { createReadStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { serializeJcs } from '../../../packages/core-hash/src/index.ts'

const LINE = /^([0-9a-fA-F]{1,16}),([-+.0-9e]{1,32})\r?$/
/** Longer than any line of the format, so a file of another kind is refused before it fills the memory. */
const MAX_LINE = 64

/** `--numbers FILE`: how many numbers there were, and how many serializeJcs wrote otherwise. */
export async function measure(args: readonly string[]): Promise<{ total: number; failed: number }> {
  const { values } = parseArgs({ args: [...args], options: { numbers: { type: 'string' } } })
  if (values.numbers === undefined) throw new Error('Expected --numbers FILE.')
  let total = 0
  let failed = 0
  for await (const lines of linesOf(values.numbers)) {
    for (const line of lines) {
      total++
      if (!isWrittenAsExpected(line, total)) failed++
    }
  }
  if (total === 0)
    throw new Error('Expected at least one line of the form hex,expected in the numbers file; it is empty.')
  return { total, failed }
}

function isWrittenAsExpected(line: string, lineNumber: number): boolean {
  const match = LINE.exec(line)
  const value = doubleOf(match?.[1] ?? '')
  // What the line holds stays out of the message: the file may be the wrong one.
  if (match === null || !Number.isFinite(value)) {
    throw new Error(`Expected hex,expected with the bits of a finite double in line ${lineNumber} of the numbers file.`)
  }
  return serializeJcs(value) === match[2]
}

const bits = new DataView(new ArrayBuffer(8))

/** The hex may lack leading zeros. */
function doubleOf(hex: string): number {
  bits.setUint32(0, Number.parseInt(hex.slice(0, -8) || '0', 16))
  bits.setUint32(4, Number.parseInt(hex.slice(-8) || '0', 16))
  return bits.getFloat64(0)
}

/** The lines of one chunk at a time: a promise per line would cost more than the check, and the file has gigabytes. */
async function* linesOf(path: string): AsyncGenerator<string[]> {
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > MAX_LINE) break
      yield lines
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new Error('Expected --numbers to name a file that can be read.', { cause: error })
    }
    throw error
  }
  if (rest !== '') yield [rest]
}
