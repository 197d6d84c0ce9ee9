import { Language, Parser } from 'web-tree-sitter'

import type { Extract } from '../lazy-extractor.ts'
import { readPinnedFile } from '../grammars/grammar-file.ts'
import { PARSER, type PinnedFile } from '../grammars/grammar-table.ts'
import { createBoundedParser, type BoundedParser } from './bounded-parser.ts'
import type { LanguageRules } from './language-rules.ts'
import { extractTree } from './tree-extraction.ts'

let started: Promise<void> | undefined

/** Loads the parser, once for all languages, and one grammar. Throws `LanguageError`. */
export async function loadParser(grammar: PinnedFile): Promise<BoundedParser> {
  await (started ??= startRuntime())
  return createBoundedParser(await Language.load(await readPinnedFile(grammar)))
}

export async function treeExtraction(grammar: PinnedFile, rules: LanguageRules): Promise<Extract> {
  const parser = await loadParser(grammar)
  return (text, path) => extractTree(text, path, parser, rules)
}

async function startRuntime(): Promise<void> {
  await Parser.init({ wasmBinary: await readPinnedFile(PARSER) })
}
