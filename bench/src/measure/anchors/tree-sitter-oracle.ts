import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { Language, Node, Query } from 'web-tree-sitter'

import {
  meteredRuntime,
  type MeteredRuntime,
} from '../../../../packages/extractor-languages/src/tree/metered-runtime.ts'
import { commentsAbove } from './lines.ts'
import type { Oracle, OracleSymbol } from './oracle.ts'
import { namesOf } from './tree-sitter-names.ts'
import type { TreeLanguage } from './tree-language.ts'
import { TREE_LANGUAGES } from './tree-languages.ts'

/** Types whose mention looks like their declaration: only the one with a body declares. */
const NEEDS_BODY = /^(?:struct|union|enum|class)_specifier$/

/**
 * What the tags queries of a grammar's authors find, and every other node of the types in `kinds`, anywhere in the tree;
 * what stands in the body of a function is dropped afterwards. Queries and climbing from the match to the root are the
 * opposite of how the extractors walk.
 */
export function treeSitterOracle(language: string): Oracle {
  const rules = TREE_LANGUAGES[language]
  if (!rules) throw new Error(`Expected one of ${Object.keys(TREE_LANGUAGES).join(', ')}; got ${language}.`)
  let runtime: MeteredRuntime | undefined
  let grammar: Language | undefined
  let query: Query | undefined
  let comments: Query | undefined

  return {
    parser: `tree-sitter ${language}`,
    languageOf: (path) => (rules.endings.test(path) ? language : undefined),
    async prepare() {
      if (grammar) return
      // Another start of the library would give Swift other trees: its scanner begins with what the memory holds.
      runtime = await meteredRuntime()
      grammar = await runtime.Language.load(readFileSync(fileOf(rules.package, rules.wasm)))
      query = new runtime.Query(grammar, queryText(rules))
      comments = new runtime.Query(grammar, `[${rules.comments.map((type) => `(${type})`).join(' ')}] @comment`)
    },
    symbolsOf(_, text) {
      if (!runtime || !grammar || !query || !comments) return undefined
      const parser = new runtime.Parser().setLanguage(grammar)
      const tree = parser.parse(text)
      if (!tree) return undefined
      try {
        const { rootNode } = tree
        return rootNode.hasError ? undefined : symbols(rootNode, text, query, comments, rules)
      } finally {
        tree.delete()
        parser.delete()
      }
    },
  }
}

function symbols(root: Node, text: string, query: Query, comments: Query, rules: TreeLanguage): OracleSymbol[] {
  const alone = comments.captures(root).flatMap(({ node }) => {
    const before = text.slice(text.lastIndexOf('\n', node.startIndex - 1) + 1, node.startIndex)
    return before.trim() === '' ? [{ startLine: node.startPosition.row + 1, endLine: lastLine(node) }] : []
  })
  const found = new Map<number, Node>()
  for (const { node, name } of query.captures(root)) {
    const declaration = name.startsWith('definition') ? lifted(node, rules) : undefined
    if (declaration && isOutside(declaration, rules) && !isNamedAgain(declaration, text))
      found.set(declaration.id, declaration)
  }
  return [...found.values()].flatMap((node) => {
    const outer = wrapped(node, rules)
    const range = { startLine: commentsAbove(outer.startPosition.row + 1, alone), endLine: lastLine(outer) }
    return namesOf(node, text).map(({ name, kind }) => ({
      name: [...ownersOf(node, text, rules), name].join('.'),
      kind: kind ?? rules.kinds[node.type] ?? node.type,
      ...range,
    }))
  })
}

/** Some tags mark a part of a declaration, such as its declarator. A parameter is no declaration. */
function lifted(node: Node, { kinds }: TreeLanguage): Node | undefined {
  let current: Node | null = node
  while (current && kinds[current.type] === undefined) {
    if (current.type === 'parameter_declaration') return undefined
    current = current.parent
  }
  if (!current || (NEEDS_BODY.test(current.type) && !current.childForFieldName('body'))) return undefined
  return current
}

function isOutside(node: Node, { functions }: TreeLanguage): boolean {
  for (let parent = node.parent; parent; parent = parent.parent) {
    const isNameless = NEEDS_BODY.test(parent.type) && !parent.childForFieldName('name')
    if (isNameless || functions.includes(parent.type)) return false
  }
  return true
}

/** `typedef struct a { … } a` declares one thing. */
function isNamedAgain(node: Node, text: string): boolean {
  if (!NEEDS_BODY.test(node.type) || !node.parent?.childForFieldName('declarator')) return false
  const [own] = namesOf(node, text)
  return namesOf(node.parent, text).some(({ name }) => name === own?.name)
}

function ownersOf(node: Node, text: string, { containers }: TreeLanguage): string[] {
  const owners: string[] = []
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (containers.includes(parent.type))
      owners.unshift(
        ...namesOf(parent, text)
          .slice(0, 1)
          .map(({ name }) => name),
      )
  }
  return owners
}

/** In Go only a declaration without parentheses is one with its keyword. */
function wrapped(node: Node, { wrappers = [] }: TreeLanguage): Node {
  let outer = node
  while (
    outer.parent &&
    wrappers.includes(outer.parent.type) &&
    !outer.parent.children.some(({ type }) => type === '(')
  )
    outer = outer.parent
  return outer
}

function lastLine({ startPosition, endPosition }: Node): number {
  return endPosition.column === 0 && endPosition.row > startPosition.row ? endPosition.row : endPosition.row + 1
}

function queryText({ package: name, hasTags, kinds }: TreeLanguage): string {
  const own = Object.keys(kinds).filter((type) => type !== 'expression_statement')
  const tags = hasTags ? readFileSync(fileOf(name, 'queries/tags.scm'), 'utf8') : ''
  return `${tags}\n[${own.map((type) => `(${type})`).join(' ')}] @definition`
}

/** Grammars export neither their wasm nor their queries, so their folder is looked up. */
function fileOf(name: string, file: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const folder = folders.find((candidate) => existsSync(join(candidate, name, file)))
  if (folder === undefined) throw new Error(`Expected ${file} in ${name}; install the development dependencies.`)
  return join(folder, name, file)
}
