import { CommandError } from '../command-error.ts'
import { diskHint } from '../environment/disk-hint.ts'
import { NotReadable, readRegularFile } from '../environment/regular-file.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { describeIssue, type Schema } from './validation.ts'

export interface WrittenFile<T> {
  readonly schema: Schema<T>
  /** What the file is, for messages: `the config`, `the task file`. */
  readonly what: string
  readonly code: string
  readonly hint: string
  /** JSON if left out. */
  readonly parse?: (text: string) => unknown
}

export const MAX_WRITTEN_BYTES = 1_048_576

/** Reads and validates one file that a person wrote. Returns undefined when it does not exist. */
export function readWrittenFile<T>(path: string, file: WrittenFile<T>): T | undefined {
  const text = readText(path, file)
  if (text === undefined) return undefined
  const value = parse(text, path, file)
  const parsed = file.schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw fail(file, `${file.what} at ${path} is not valid: ${describeIssue(parsed.error, value)}`)
}

function readText<T>(path: string, file: WrittenFile<T>): string | undefined {
  let bytes: Buffer
  try {
    bytes = readRegularFile(path, MAX_WRITTEN_BYTES)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    // Nobody can mend this in the file.
    if (diskHint(error) !== undefined) throw error
    const why = error instanceof NotReadable ? error.message : errorCode(error)
    throw fail(file, `${file.what} at ${path} could not be read: ${why}`, error)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw fail(file, `${file.what} at ${path} is not UTF-8`, error)
  }
}

function parse<T>(text: string, path: string, file: WrittenFile<T>): unknown {
  try {
    return (file.parse ?? JSON.parse)(text)
  } catch (error) {
    throw fail(file, `${file.what} at ${path} could not be parsed: ${syntaxProblem(error)}`, error)
  }
}

/** Parsers quote the text around a syntax error; the position says as much and repeats no content. */
function syntaxProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const position = /line \d+,? column \d+|position \d+/.exec(message)
  return position ? `syntax error at ${position[0]}` : 'syntax error'
}

function fail<T>({ code, hint }: WrittenFile<T>, message: string, cause?: unknown): CommandError {
  return new CommandError({ exit: EXIT_CODE.usage, code, message, hint }, { cause })
}
