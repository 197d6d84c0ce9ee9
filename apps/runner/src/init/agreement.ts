import type { Readable, Writable } from 'node:stream'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { openQuestions } from '../output/ask-person.ts'
import { counted } from '../output/counted.ts'
import type { FoundOffers, RuleOffer } from './rule-offers.ts'

const FILES_SHOWN = 5

/** The offers that a command line names, or all. A name for which nothing usable is found is refused. */
export function namedOffers(names: readonly string[], { offers, leftOut }: FoundOffers): RuleOffer[] {
  const missing = names.find((name) => name !== 'all' && !offers.some((offer) => offer.name === name))
  if (missing === undefined) return offers.filter(({ name }) => names.includes('all') || names.includes(name))
  const reason = leftOut.find(({ path }) => path === missing)?.reason ?? 'no file of it is found here'
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'CONVENTION_UNUSABLE',
    message: `--convention ${missing.slice(0, 80)} cannot be taken: ${reason}`,
    hint: `Found are: ${offers.map(({ name }) => name).join(', ') || 'none'}.`,
  })
}

/** Asks a person about each offer. Anything but yes, and the end of the input, is no. File names are the workspace's own. Throws `INTERRUPTED`. */
export async function askForOffers(
  offers: readonly RuleOffer[],
  input: Readable,
  output: Writable,
): Promise<RuleOffer[]> {
  if (offers.length === 0) return []
  using questions = openQuestions(input, output)
  const agreed: RuleOffer[] = []
  for (const offer of offers) {
    const answer = await questions.ask(`${offerText(offer)} May they bind calls? [y/N] `)
    if (/^y(?:es)?$/i.test(answer)) agreed.push(offer)
  }
  return agreed
}

/** `agents-md: AGENTS.md, src/AGENTS.md (4 rules).` */
export function offerText({ name, files, rules }: RuleOffer): string {
  const more = files.length > FILES_SHOWN ? `, and ${files.length - FILES_SHOWN} more` : ''
  return `${name}: ${files.slice(0, FILES_SHOWN).join(', ')}${more} (${counted(rules, 'rule')}).`
}
