import { fitOf, NO_RULES, ruleSourcesOf, type RuleChoice, type RuleWorkspace } from './rule-choice.ts'
import { withOffer, type LeftOut, type RuleOffer } from './rule-offers.ts'

/** Files that teams keep rules in; only what exists and fits becomes a rule source, and the config says so in the open. */
const RULE_FILES = ['AGENTS.md', 'CLAUDE.md', '.github/copilot-instructions.md']

export interface ChosenRules {
  readonly choice: RuleChoice
  readonly maxTokens: number
  readonly leftOut: readonly LeftOut[]
}

/** The rule files of the root and what a person agreed to, as far as every call can carry them. */
export function chooseRules(workspace: RuleWorkspace, agreed: readonly RuleOffer[]): ChosenRules {
  const leftOut: LeftOut[] = []
  let choice = NO_RULES
  let maxTokens = 300
  for (const path of RULE_FILES) {
    if (workspace.reader.read(path).status === 'missing') continue
    const alone = ruleSourcesOf(workspace, { ...NO_RULES, files: [path] })
    if ('problem' in alone) leftOut.push({ path, reason: alone.problem })
    else take(path, { ...choice, files: [...choice.files, path] })
  }
  for (const offer of agreed) take(offer.name, withOffer(choice, offer))
  // A file that did not fit alone may hold where its convention says.
  return { choice, maxTokens, leftOut: leftOut.filter(({ path }) => !agreed.some(({ files }) => files.includes(path))) }

  function take(path: string, wanted: RuleChoice): void {
    const fit = fitOf(workspace, wanted)
    if ('problem' in fit) leftOut.push({ path, reason: fit.problem })
    else [choice, maxTokens] = [wanted, fit.maxTokens]
  }
}
