// Which files seldom answer a question by themselves, and what their matches count for. The factors were chosen on two
// repositories and confirmed on others; decisions/0022-retrieval.md has the figures.

interface SideFiles {
  readonly paths: RegExp
  readonly factor: number
  /** Tokens of a question that asks for just these files. */
  readonly askedBy: readonly string[]
}

const SIDE_FILES: readonly SideFiles[] = [
  {
    paths:
      /(?:^|\/)(?:tests?|specs?|__tests__|testing|testdata|fixtures?|__fixtures__|__mocks__)\/|[._-](?:test|spec|test-d)s?\.[a-z]+$|(?:^|\/)test_[^/]*$/i,
    factor: 0.85,
    askedBy: ['test', 'spec', 'fixtur', 'mock'],
  },
  {
    paths: /(?:^|\/)(?:changelog|changes|history|news|releases?)(?:\.[^/]*)?$|(?:^|\/)\.changeset\//i,
    factor: 0.4,
    askedBy: ['changelog', 'history', 'releas', 'news'],
  },
  {
    paths: /(?:^|\/)(?:examples?|samples?|demos?|cookbook|bench(?:marks?)?)\//i,
    factor: 0.6,
    askedBy: ['exampl', 'sampl', 'demo', 'cookbook', 'benchmark', 'bench'],
  },
]

/** In 0..1: what a match in this file counts for, given the tokens of the question. */
export function fileWeight(path: string, terms: ReadonlySet<string>): number {
  return SIDE_FILES.reduce((weight, { paths, factor, askedBy }) => {
    return paths.test(path) && !askedBy.some((term) => terms.has(term)) ? weight * factor : weight
  }, 1)
}
