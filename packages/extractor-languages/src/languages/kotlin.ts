import type { Node } from 'web-tree-sitter'

import { foldKotlin } from '../folding/kotlin.ts'
import { childOfType, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'

const membersOf = (node: Node): Node | null => childOfType(node, 'class_body', 'enum_class_body')

const HEAD =
  /^((?:(?:public|private|internal|protected|expect|actual|open|abstract|final|sealed|data|inner|value|annotation|enum)\s+)+)(class|interface|object)\s+([\p{L}_$][\p{L}\p{N}_$]*)/u

/** `open class A { }` where the grammar reads names between a name and a call: after some annotations and expressions. */
const classInWords: DeclarationRule = {
  kind: (node, source) => {
    const head = headInWords(node, source)
    return head?.[1]?.includes('enum') === true ? 'enum' : head?.[2]
  },
  names: (node, source) => [headInWords(node, source)?.[3] ?? ''],
  body: lastLambda,
  members: lastLambda,
}

function headInWords(node: Node, source: SourceOf): RegExpExecArray | null {
  let words: Node | null = node
  while (words?.type === 'annotated_expression') words = words.lastNamedChild
  return words?.type === 'infix_expression' ? HEAD.exec(source(words).slice(0, 200)) : null
}

function lastLambda(node: Node): Node | null {
  let last: Node | null = node
  while (last && last.type !== 'lambda_literal') last = last.lastNamedChild
  return last
}

export const kotlinRules: LanguageRules = {
  fold: foldKotlin,
  comments: new Set(['line_comment', 'block_comment']),
  transparent: new Set(),
  imports: new Set(['import']),
  declarations: {
    class_declaration: {
      kind: (node) =>
        node.children.some(({ type }) => type === 'interface')
          ? 'interface'
          : membersOf(node)?.type === 'enum_class_body'
            ? 'enum'
            : 'class',
      body: membersOf,
      members: membersOf,
    },
    object_declaration: { kind: 'object', body: membersOf, members: membersOf },
    companion_object: {
      kind: 'object',
      names: (node, source) => {
        const name = node.childForFieldName('name')
        return [name ? source(name) : 'Companion']
      },
      body: membersOf,
      members: membersOf,
    },
    function_declaration: { kind: 'function', body: (node) => childOfType(node, 'function_body') },
    secondary_constructor: {
      kind: 'constructor',
      names: () => ['constructor'],
      body: (node) => childOfType(node, 'block'),
    },
    property_declaration: {
      kind: 'property',
      names: (node, source) => {
        const variable = childOfType(node, 'variable_declaration')?.firstNamedChild
        return variable ? [source(variable)] : []
      },
      body: afterEquals,
    },
    annotated_expression: classInWords,
    infix_expression: classInWords,
    type_alias: {
      kind: 'type',
      names: (node, source) => {
        const name = node.childForFieldName('type') ?? childOfType(node, 'identifier')
        return name ? [source(name)] : []
      },
    },
  },
  isPublic: ({ node }, source) => {
    const modifiers = childOfType(node, 'modifiers')
    const words = modifiers ? source(modifiers) : (headInWords(node, source)?.[1] ?? '')
    return !/\b(?:private|internal|protected)\b/.test(words)
  },
}

/** The value of a property, which may be a secret and stays out of the signature. */
function afterEquals(node: Node): Node | null {
  const equals = node.children.findIndex(({ type }) => type === '=' || type === 'by')
  return equals === -1 ? childOfType(node, 'getter', 'setter') : (node.children[equals] ?? null)
}
