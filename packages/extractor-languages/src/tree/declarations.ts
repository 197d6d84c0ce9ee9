import { quoteStart } from '@ctxlock/contracts/extraction-text'
import type { Node } from 'web-tree-sitter'

import { bodyOf, type DeclarationRule, type LanguageRules, type SourceOf } from './language-rules.ts'
import { hasCodeBefore, lastLineOf } from './node-lines.ts'

/** A named part of a file. Lines count from 1. */
export interface Declaration {
  /** With the names of what it stands in: `Outer.method`. */
  readonly name: string
  readonly kind: string
  readonly depth: number
  readonly startLine: number
  readonly endLine: number
  /** The declaration up to its body on one line. */
  readonly signature: string
  readonly isPublic: boolean
}

export interface FileParts {
  readonly declarations: readonly Declaration[]
  readonly imports: readonly Node[]
}

/** Deeper members are not named: no reader asks for them, and hostile files nest without end. */
const MAX_DEPTH = 16
const MAX_DECLARATIONS = 20_000
const NAMESPACES: ReadonlySet<string> = new Set(['namespace', 'module'])

/** What holds for all nodes of one place. */
interface Scope {
  /** `Outer.` for the members of `Outer`. */
  readonly prefix: string
  readonly depth: number
  readonly isTop: boolean
  readonly isPublic: boolean
  /** Whether a type holds these nodes, and not the file or a namespace. */
  readonly isInType: boolean
  /** What wraps the declaration that comes here, and where the comment above it starts. */
  readonly wrapper?: { readonly node: Node; readonly startLine: number }
}

interface Frame extends Scope {
  readonly nodes: readonly Node[]
  at: number
}

const FILE: Scope = { prefix: '', depth: 0, isTop: true, isPublic: true, isInType: false }

/**
 * The declarations of a file and of its types and namespaces, in source order, and its imports. Bodies of functions are not
 * looked into. Walks with an explicit stack, because the depth of the tree is the file's choice.
 */
export function fileParts(root: Node, text: string, path: string, rules: LanguageRules): FileParts {
  const declarations: Declaration[] = []
  const imports: Node[] = []
  const separator = rules.separator ?? '.'
  const source: SourceOf = (node) => text.slice(node.startIndex, node.endIndex)
  const stack: Frame[] = []
  /** First and last line of the comments and attributes that were passed last, wherever in the tree they stand. */
  let above: { readonly startLine: number; readonly endLine: number } | undefined
  enter(root, FILE)
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    const node = frame.nodes[frame.at]
    frame.at += 1
    if (node === undefined || declarations.length >= MAX_DECLARATIONS) stack.pop()
    else visit(node, frame)
  }
  return { declarations, imports }

  function visit(node: Node, frame: Frame): void {
    if (rules.comments.has(node.type) || rules.attributes?.has(node.type)) return noteAbove(node)
    if (rules.imports.has(node.type) || rules.isImport?.(node, source) === true) return void imports.push(node)
    const { nodes: _, at: __, ...scope } = frame
    if (rules.isWrapper?.(node) === true)
      return enter(node, { ...scope, wrapper: frame.wrapper ?? { node, startLine: firstLine(node) } })
    const rule = rules.declarations[node.type]
    const inlineType = rule?.inlineType?.(node, source)
    if (inlineType) {
      const before = above
      visit(inlineType, { ...frame, wrapper: frame.wrapper ?? { node, startLine: firstLine(node) } })
      above = before
    }
    const isDeclared = rule !== undefined && (frame.isTop || rule.onlyAtTop !== true) && declare(node, rule, frame)
    if (isDeclared && rule.members) return
    if (rules.transparent.has(node.type) || node.isError) enter(node, { ...scope, isTop: false })
  }

  /** Comments and attributes that end on the line before the next one are one block with it. */
  function noteAbove(node: Node): void {
    // Code before it on its line means that it explains that line.
    const isTrailing = (above?.endLine ?? 0) <= node.startPosition.row && hasCodeBefore(node, text)
    above = isTrailing ? undefined : { startLine: firstLine(node), endLine: lastLineOf(node) }
  }

  /** Where the block above the node starts, or the node itself. */
  function firstLine(node: Node): number {
    const line = node.startPosition.row + 1
    return above && above.endLine >= line - 1 ? above.startLine : line
  }

  /** False when the node turns out to declare nothing. */
  function declare(node: Node, rule: DeclarationRule, scope: Scope): boolean {
    const kind = typeof rule.kind === 'string' ? rule.kind : rule.kind(node, source)
    const names = kind === undefined ? [] : (rule.names?.(node, source) ?? fieldName(node, source)).map(quoteStart)
    const [first = ''] = names
    if (kind === undefined || first === '') return false
    const owner = rule.owner?.(node, source)
    const prefix = owner === undefined ? scope.prefix : `${scope.prefix}${quoteStart(owner)}${separator}`
    const depth = owner === undefined ? scope.depth : scope.depth + 1
    const isMember = scope.isInType || owner !== undefined
    const outer = scope.wrapper?.node ?? node
    const common = {
      kind: kind === 'function' && isMember ? 'method' : kind,
      depth,
      startLine: scope.wrapper?.startLine ?? firstLine(node),
      endLine: lastLineOf(rule.last?.(node) ?? outer),
      signature: signature(outer, rule.body?.(node) ?? bodyOf(node)),
      isPublic: scope.isPublic && rules.isPublic({ node, name: first, path }, source),
    }
    declarations.push(...names.map((name) => ({ name: prefix + name, ...common })))
    above = undefined
    const members = rule.members?.(node)
    if (members && depth < MAX_DEPTH) {
      // Python's grammar puts a comment that comes before the first member before the block of all members.
      for (const child of node.namedChildren) {
        if (child.startIndex >= members.startIndex) break
        if (rules.comments.has(child.type)) noteAbove(child)
      }
      const isInType = !NAMESPACES.has(kind)
      enter(members, {
        prefix: `${prefix}${first}${separator}`,
        depth: depth + 1,
        isTop: false,
        isPublic: common.isPublic,
        isInType,
      })
    }
    return true
  }

  function enter(parent: Node, scope: Scope): void {
    stack.push({ ...scope, nodes: parent.namedChildren, at: 0 })
  }

  function signature(outer: Node, body: Node | null): string {
    const end = body === null ? outer.endIndex : Math.max(body.startIndex, outer.startIndex + 1)
    return quoteStart(text.slice(outer.startIndex, Math.min(end, outer.startIndex + 1000)))
      .replace(/ ?(?::=|=>|=|\{|:|;)$/, '')
      .trim()
  }
}

function fieldName(node: Node, source: SourceOf): readonly string[] {
  const name = node.childForFieldName('name')
  return name ? [source(name)] : []
}
