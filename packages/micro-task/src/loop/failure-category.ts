import type { FailureCategory } from '@ctxlock/contracts/micro-task-run'

/** What a failed validation left: output of its commands, and how they ended. */
export interface FailedValidation {
  /** Output of the blocking commands that failed; untrusted text. */
  readonly output: string
  readonly timedOut: boolean
  /** A command that failed now had passed in an earlier attempt at this micro-task. */
  readonly passedBefore: boolean
  /** It had passed over exactly the same files. */
  readonly sameFilesPassed: boolean
}

const SYNTAX = /\b(?:SyntaxError|IndentationError|ParseError|parse error|syntax error|unexpected token|TS1\d{3})\b/gi
const UNKNOWN_NAME =
  /\b(?:is not a function|is not defined|has no attribute|no such method|unresolved import|ModuleNotFoundError|ImportError|NameError|undefined:|cannot find (?:module|name|symbol|package)|TS2(?:304|305|307|339|551))\b/i
/** A hostile program can write much; what decides stands early or not at all. */
const LONGEST_OUTPUT = 65_536

/** Why validation failed, told by fixed rules from what it left (MT-031): the first that applies, else `unknown`. */
export function failureCategory({
  output,
  timedOut,
  passedBefore,
  sameFilesPassed,
}: FailedValidation): FailureCategory {
  if (timedOut) return 'timeout_exceeded'
  if (sameFilesPassed) return 'validation_flaky'
  const text = output.slice(0, LONGEST_OUTPUT)
  const syntaxErrors = text.match(SYNTAX)?.length ?? 0
  if (syntaxErrors > 0) return syntaxErrors > 3 ? 'syntax_error_systemic' : 'syntax_error_isolated'
  if (UNKNOWN_NAME.test(text)) return 'hallucination_api'
  return passedBefore ? 'logic_error_regression' : 'unknown'
}
