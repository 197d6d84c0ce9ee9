import type { Node } from 'web-tree-sitter'

import type { LanguageRules, SourceOf } from '../tree/language-rules.ts'

const REQUIRE = /^(?:require|require_relative|load|autoload)\b/

/** `A::B` as it stands, with the dots of the other names. */
function constantName(node: Node, source: SourceOf): readonly string[] {
  const name = node.childForFieldName('name')
  return name ? [source(name).replace(/^::/, '').replaceAll('::', '.')] : []
}

/** Comments before the first statement stand beside the body, not in it. */
const whole = (node: Node): Node => node

/** A declaration may stand in any expression, as in `Class.new { … }`; the rest declares nothing, or only for itself. */
const OPAQUE: ReadonlySet<string> = new Set([
  'method',
  'singleton_method',
  'lambda',
  'alias',
  'identifier',
  'constant',
  'scope_resolution',
  'instance_variable',
  'string',
  'heredoc_body',
  'regex',
  'simple_symbol',
  'integer',
  'block_parameters',
])

export const rubyRules: LanguageRules = {
  comments: new Set(['comment']),
  transparent: { has: (type) => !OPAQUE.has(type) },
  imports: new Set(),
  declarations: {
    module: { kind: 'module', names: constantName, members: whole },
    class: { kind: 'class', names: constantName, members: whole },
    method: { kind: 'function' },
    singleton_method: {
      kind: 'function',
      names: (node, source) => {
        const name = node.childForFieldName('name')
        return name ? [`self.${source(name)}`] : []
      },
    },
    alias: {
      kind: 'alias',
      names: (node, source) => {
        const name = node.childForFieldName('name')
        return name ? [source(name)] : []
      },
    },
    assignment: {
      kind: (node) => (node.childForFieldName('left')?.type === 'constant' ? 'constant' : undefined),
      names: (node, source) => {
        const left = node.childForFieldName('left')
        return left ? [source(left)] : []
      },
      body: (node) => node.childForFieldName('right'),
    },
  },
  isImport: (node, source) => node.type === 'call' && REQUIRE.test(source(node).slice(0, 20)),
  // `private` is a call whose reach only running the program would tell.
  isPublic: () => true,
}
