import type { Extract } from '../lazy-extractor.ts'
import { readPinnedFile } from '../grammars/grammar-file.ts'
import type { PinnedFile } from '../grammars/grammar-table.ts'
import { createBoundedParser, type BoundedParser } from './bounded-parser.ts'
import type { LanguageRules } from './language-rules.ts'
import { meteredRuntime } from './metered-runtime.ts'
import { extractTree } from './tree-extraction.ts'

/** Loads the parser, once for all languages, and one grammar. Throws `LanguageError`. */
export async function loadParser(grammar: PinnedFile): Promise<BoundedParser> {
  const runtime = await meteredRuntime()
  return createBoundedParser(await runtime.Language.load(await readPinnedFile(grammar)), runtime)
}

export async function treeExtraction(grammar: PinnedFile, rules: LanguageRules): Promise<Extract> {
  const parser = await loadParser(grammar)
  return (text, path) => extractTree(text, path, parser, rules)
}
