import { foldPython } from '../folding/python.ts'
import { bodyOf, type LanguageRules } from '../tree/language-rules.ts'

export const pythonRules: LanguageRules = {
  fold: foldPython,
  comments: new Set(['comment']),
  transparent: new Set([
    'if_statement',
    'elif_clause',
    'else_clause',
    'try_statement',
    'except_clause',
    'finally_clause',
    'with_statement',
    'block',
  ]),
  isWrapper: ({ type }) => type === 'decorated_definition',
  imports: new Set(['import_statement', 'import_from_statement', 'future_import_statement']),
  docstrings: new Set(['string']),
  declarations: {
    class_definition: { kind: 'class', members: bodyOf },
    function_definition: { kind: 'function' },
    type_alias_statement: {
      kind: 'type',
      names: (node, source) => {
        const left = node.childForFieldName('left')
        return left ? source(left).split('[', 1) : []
      },
    },
    expression_statement: {
      kind: 'constant',
      onlyAtTop: true,
      names: (node, source) => {
        const left = node.firstNamedChild?.type === 'assignment' ? node.firstNamedChild.childForFieldName('left') : null
        return left?.type === 'identifier' ? [source(left)] : []
      },
      // A value may be a secret, so it stays out of the signature.
      body: (node) => node.firstNamedChild?.childForFieldName('right') ?? null,
    },
  },
  isPublic: ({ name }) => !name.startsWith('_') || name.endsWith('__'),
}
