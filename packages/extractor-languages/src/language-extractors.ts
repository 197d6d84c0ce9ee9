import type { Extractor } from '@ctxlock/contracts/extractor'

import { GRAMMARS, PARSER, pinOf } from './grammars/grammar-table.ts'
import { lazyExtractor } from './lazy-extractor.ts'
import type { LanguageRules } from './tree/language-rules.ts'

/** Changes whenever the walker or a table of rules could read the same tree differently. */
const RULES = '1'

type GrammarName = keyof typeof GRAMMARS

/** Every language of this package. None loads anything before `prepare`. */
export const languageExtractors: readonly Extractor[] = [
  programming('python', /\.pyi?$/i, async () => (await import('./languages/python.ts')).pythonRules),
]

function programming(name: GrammarName, endings: RegExp, loadRules: () => Promise<LanguageRules>): Extractor {
  const identity = { name, version: versionOf(name), matches: (path: string) => endings.test(path) }
  return lazyExtractor(identity, async () => {
    const { treeExtraction } = await import('./tree/tree-extractor.ts')
    return treeExtraction(GRAMMARS[name], await loadRules())
  })
}

function versionOf(name: GrammarName): string {
  return `${RULES}+${pinOf(GRAMMARS[name])}+${pinOf(PARSER)}`
}
