import type { Refusal } from '@ctxlock/contracts/edits'

export type CommandWords =
  | { readonly ok: true; readonly words: readonly [string, ...string[]] }
  | { readonly ok: false; readonly refusal: Refusal<'COMMAND_MALFORMED'> }

/** What a shell would act on. There is none, so whoever wrote it would get something else than meant (MT-039). */
const SHELL_CHARACTER = /[|&;<>()$`\\*?[\]{}!\n\r]/
const TOKEN = /'([^'\n\r]*)'|"([^"]*)"|([^ \t'"]+)/y

/**
 * The words of a verification command, split at blanks; quotation marks keep blanks together and nothing else. There is no shell:
 * what one would expand, redirect or chain is refused, but between single quotation marks every character is itself.
 */
export function commandWords(command: string): CommandWords {
  const words: string[] = []
  let at = 0
  while (at < command.length) {
    const blanks = /[ \t]*/y
    blanks.lastIndex = at
    blanks.exec(command)
    at = blanks.lastIndex
    if (at >= command.length) break
    let word = ''
    let isFirstPart = true
    while (at < command.length && !/[ \t]/.test(command[at] ?? '')) {
      TOKEN.lastIndex = at
      const token = TOKEN.exec(command)
      if (!token) return malformed(command, 'a quotation mark without its partner')
      const [, single, double, bare] = token
      if (SHELL_CHARACTER.test(double ?? bare ?? ''))
        return malformed(command, 'a character that only a shell understands')
      if (isFirstPart && /^[~#]/.test(bare ?? '')) return malformed(command, 'a word that only a shell understands')
      word += single ?? double ?? bare ?? ''
      at = TOKEN.lastIndex
      isFirstPart = false
    }
    words.push(word)
  }
  const [first, ...others] = words
  if (first === undefined || first === '') return malformed(command, 'no program')
  if (/^[A-Za-z_][A-Za-z0-9_]*=/.test(first)) return malformed(command, 'a variable in front of the program')
  return { ok: true, words: [first, ...others] }
}

function malformed(command: string, came: string): CommandWords {
  return {
    ok: false,
    refusal: {
      code: 'COMMAND_MALFORMED',
      subject: command.slice(0, 200).replace(/\p{Cc}/gu, ' '),
      expected: 'a program and its arguments, such as: npm test',
      came,
      next: 'Put what needs a shell into a script of the repository, and name its program in `execution.commands`.',
    },
  }
}
