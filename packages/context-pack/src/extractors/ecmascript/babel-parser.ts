import { createRequire } from 'node:module'

import type { ParseResult, ParserOptions } from '@babel/parser'
import type { FallbackReason } from '@ctxlock/contracts/packs'

import { BoundedSource, ReadBudgetExceeded } from './bounded-source.ts'

/** UTF-16 units; more is generated code or a bundle. */
const MAX_LENGTH = 1024 * 1024
/** Measured on 24 MB of published packages: no file needs more than 1.9 reads per character. */
const READS_PER_CHARACTER = 16
const READS_AT_LEAST = 100_000
const MAX_BRACKETS = 200
/** Nested arrow functions take two of them a level and about two kilobytes of stack. */
const MAX_OPERATORS = 600

type Plugins = NonNullable<ParserOptions['plugins']>
type Parse = (input: string | BoundedSource, options: ParserOptions) => ParseResult

export type Program = ParseResult['program']
export type Statement = Program['body'][number]

const OPERATORS = unitsOf('+-*/%&|^~!?:=<>')
const ENDS_CHAIN = unitsOf(';{},')

let loaded: Parse | undefined

/** The syntax tree of a file, or why there is none. Never throws for a text, however hostile. */
export function parseModule(text: string, path: string): ParseResult | { refused: FallbackReason } {
  if (text.length > MAX_LENGTH) return { refused: 'too_large' }
  if (bracketDepth(text) > MAX_BRACKETS || longestChain(text) > MAX_OPERATORS) return { refused: 'too_deep' }
  const isFlow = text.includes('@flow')
  const parsed = parseAs(text, path, isFlow)
  // Libraries of types say nowhere that they are Flow.
  const mayBeFlow = 'refused' in parsed && parsed.refused === 'syntax_error' && !isFlow && isJavaScript(path)
  return mayBeFlow ? parseAs(text, path, true) : parsed
}

function parseAs(text: string, path: string, isFlow: boolean): ParseResult | { refused: FallbackReason } {
  loaded ??= loadParser()
  const source = new BoundedSource(text, text.length * READS_PER_CHARACTER + READS_AT_LEAST)
  try {
    return loaded(source, optionsFor(path, isFlow))
  } catch (error) {
    if (error instanceof SyntaxError) return { refused: 'syntax_error' }
    if (error instanceof ReadBudgetExceeded) return { refused: 'too_complex' }
    // The stack overflows on nesting without brackets, such as ten thousand chained operators.
    if (error instanceof RangeError) return { refused: 'too_deep' }
    throw error
  }
}

/** The parser costs 13 ms to load; a command that builds no pack of such a file does not pay them. */
function loadParser(): Parse {
  const parser: { readonly parse: Parse } = createRequire(import.meta.url)('@babel/parser')
  return parser.parse
}

function optionsFor(path: string, isFlow: boolean): ParserOptions {
  return {
    // Old scripts are not strict: what is no module is tried as a script, on the same budget.
    sourceType: isJavaScript(path) ? 'unambiguous' : 'module',
    // Without recovery: 20 kB of one label repeated would otherwise collect twelve million errors. Of 4,995 published files
    // 8 more than with it are cut into line windows.
    errorRecovery: false,
    attachComment: false,
    allowReturnOutsideFunction: true,
    allowImportExportEverywhere: true,
    allowAwaitOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowNewTargetOutsideFunction: true,
    allowUndeclaredExports: true,
    plugins: pluginsFor(path, isFlow),
  }
}

function isJavaScript(path: string): boolean {
  return !/\.[cm]?tsx?$/i.test(path)
}

function pluginsFor(path: string, isFlow: boolean): Plugins {
  if (/\.d\.[cm]?ts$/i.test(path)) return [['typescript', { dts: true }], 'decorators']
  if (/\.[cm]?ts$/i.test(path)) return ['typescript', 'decorators']
  if (/\.tsx$/i.test(path)) return ['typescript', 'jsx', 'decorators']
  return isFlow ? ['flow', 'jsx', 'decorators'] : ['jsx', 'decorators']
}

/**
 * The deepest nesting of brackets, strings and comments included. Approximate on purpose: it only has to keep the parser far
 * away from the end of the stack, whose size differs between hosts, so that the same file is refused everywhere.
 */
function bracketDepth(text: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit === 0x28 || unit === 0x5b || unit === 0x7b) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if ((unit === 0x29 || unit === 0x5d || unit === 0x7d) && depth > 0) depth -= 1
  }
  return deepest
}

/**
 * The most operator characters without an end of a statement or of a list's part between them: what nests without brackets,
 * such as `a=>b=>c` or `- - -1`. As approximate as the depth of brackets, and for the same reason: threads of one host have
 * stacks of different size too.
 */
function longestChain(text: string): number {
  let length = 0
  let longest = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (ENDS_CHAIN.has(unit)) length = 0
    else if (OPERATORS.has(unit)) {
      length += 1
      if (length > longest) longest = length
    }
  }
  return longest
}

function unitsOf(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)))
}
