import { RuleConvention, SkillName } from '@ctxlock/contracts/rules'

import { NO_RULES, ruleSourcesOf, type RuleChoice, type RuleWorkspace } from './rule-choice.ts'

/** A convention or a skill whose files lie here. It governs nothing until a person says so (CP-043). */
export interface RuleOffer {
  /** As `--convention` takes it: `agents-md`, or `skill:release`. */
  readonly name: string
  readonly files: readonly string[]
  /** How many rules they hold. */
  readonly rules: number
  readonly adds: Partial<RuleChoice>
}

export interface LeftOut {
  /** A file, or the name of a convention or skill. */
  readonly path: string
  readonly reason: string
}

const SKILL_FILE = /(?:^|\/)([^/]+)\/SKILL\.md$/

export interface FoundOffers {
  readonly offers: readonly RuleOffer[]
  /** What is found and cannot govern. */
  readonly leftOut: readonly LeftOut[]
}

export function findRuleOffers(workspace: RuleWorkspace): FoundOffers {
  const offers: RuleOffer[] = []
  const leftOut: LeftOut[] = []
  for (const [name, adds] of candidates(workspace)) {
    const sources = ruleSourcesOf(workspace, { ...NO_RULES, ...adds })
    if ('problem' in sources) leftOut.push({ path: name, reason: sources.problem })
    else if (sources.length > 0) {
      const rules = sources.reduce((sum, source) => sum + source.rules.length, 0)
      offers.push({ name, files: sources.map(({ path }) => path), rules, adds })
    }
  }
  return { offers, leftOut }
}

function candidates({ paths, isSource }: RuleWorkspace): [string, Partial<RuleChoice>][] {
  const folders = new Set(
    paths.filter((path) => SKILL_FILE.test(path) && isSource(path)).flatMap((path) => SKILL_FILE.exec(path)?.[1] ?? []),
  )
  const skills = [...folders].filter((name) => SkillName.safeParse(name).success)
  return [
    ...RuleConvention.options.map((name): [string, Partial<RuleChoice>] => [name, { conventions: [name] }]),
    ...skills.map((name): [string, Partial<RuleChoice>] => [`skill:${name}`, { skills: [name] }]),
  ]
}

/** A choice with an offer in it. A file that a convention governs is not named beside it: that would make it bind every call. */
export function withOffer(choice: RuleChoice, { files, adds }: RuleOffer): RuleChoice {
  return {
    files: choice.files.filter((file) => !files.includes(file)),
    conventions: [...choice.conventions, ...(adds.conventions ?? [])],
    skills: [...choice.skills, ...(adds.skills ?? [])],
  }
}
