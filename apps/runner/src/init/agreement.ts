import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { visibleText } from '../output/visible-text.ts'
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

/** Asks a person about each offer. Anything but yes, and the end of the input, is no. File names are the workspace's own. */
export async function askForOffers(
  offers: readonly RuleOffer[],
  input: Readable,
  output: Writable,
): Promise<RuleOffer[]> {
  if (offers.length === 0) return []
  const lines = createInterface({ input, output })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  const agreed: RuleOffer[] = []
  let isOpen = true
  void ended.then(() => (isOpen = false))
  for (const offer of offers) {
    if (!isOpen) break
    const answer = await Promise.race([
      lines.question(visibleText(`${offerText(offer)} May they bind calls? [y/N] `)),
      ended,
    ])
    if (/^y(?:es)?$/i.test(answer.trim())) agreed.push(offer)
  }
  lines.close()
  return agreed
}

/** `agents-md: AGENTS.md, src/AGENTS.md (4 rules)`. */
export function offerText({ name, files, rules }: RuleOffer): string {
  const more = files.length > FILES_SHOWN ? `, and ${files.length - FILES_SHOWN} more` : ''
  return `${name}: ${files.slice(0, FILES_SHOWN).join(', ')}${more} (${rules} rules).`
}
