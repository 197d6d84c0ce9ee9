import { readFileSync } from 'node:fs'

import type { z } from 'zod'

import { CommandError } from '../command-error.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { describeIssue } from './validation.ts'

export interface JsonFileOptions {
  /** What the file is, for messages: `the config`, `the task file`. */
  readonly what: string
  readonly code: string
  readonly maxBytes?: number
  readonly hint?: string
  readonly parse?: (text: string) => unknown
}

/** Reads and validates one JSON file that a person wrote. Returns undefined when it does not exist. */
export function readJsonFile<T>(path: string, schema: z.ZodType<T>, options: JsonFileOptions): T | undefined {
  const text = readText(path, options)
  return text === undefined ? undefined : parseJson(text, path, schema, options)
}

function readText(path: string, options: JsonFileOptions): string | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fail(options, `${options.what} at ${path} could not be read (${errorCode(error)})`, error)
  }
  if (bytes.length > (options.maxBytes ?? 1_048_576)) throw fail(options, `${options.what} at ${path} is larger than 1 MiB`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw fail(options, `${options.what} at ${path} is not UTF-8`, error)
  }
}

function parseJson<T>(text: string, path: string, schema: z.ZodType<T>, options: JsonFileOptions): T {
  let value: unknown
  try {
    value = (options.parse ?? JSON.parse)(text)
  } catch (error) {
    throw fail(options, `${options.what} at ${path} could not be parsed: ${syntaxProblem(error)}`, error)
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw fail(options, `${options.what} at ${path} is not valid: ${describeIssue(parsed.error, value)}`)
  return parsed.data
}

/** V8 quotes the text around a syntax error; the position says as much and repeats no content. */
function syntaxProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const position = /\(line \d+ column \d+\)|at line \d+, column \d+|position \d+/.exec(message)
  return position ? `syntax error ${position[0].replace(/[()]/g, '')}` : 'syntax error'
}

function fail(options: JsonFileOptions, message: string, cause?: unknown): CommandError {
  return new CommandError(
    { exit: EXIT_CODE.usage, code: options.code, message, ...(options.hint === undefined ? {} : { hint: options.hint }) },
    { cause },
  )
}
