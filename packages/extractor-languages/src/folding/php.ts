import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { escapedEnd } from './literals.ts'

const phpLexis: Lexis = {
  // `use A\{B, C}` names what it imports. Helpers stand in `if (!function_exists('a')) {`.
  containers: new Set(['namespace', 'class', 'interface', 'trait', 'enum', 'use', 'if', 'elseif', 'else']),
  comments: ['comment', 'comment'],
  hash: 'comment',
  literalEnd: (text, at) => escapedEnd(text, at, false),
}

/** Text that is no code and heredocs are left to the parser, with all of the file. */
export function foldPhp(text: string): Folds | undefined {
  return /^\s*<\?php\b/.test(text) && !/\?>|<<</.test(text) ? foldBraces(text, phpLexis) : undefined
}
