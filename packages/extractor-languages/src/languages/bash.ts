import type { LanguageRules } from '../tree/language-rules.ts'

export const bashRules: LanguageRules = {
  comments: new Set(['comment']),
  transparent: new Set([
    'compound_statement',
    'if_statement',
    'elif_clause',
    'else_clause',
    'case_statement',
    'case_item',
    'list',
    'subshell',
    'redirected_statement',
  ]),
  imports: new Set(),
  declarations: { function_definition: { kind: 'function' } },
  isImport: (node, source) => node.type === 'command' && /^(?:source|\.)\s/.test(source(node).slice(0, 8)),
  isPublic: ({ name }) => !name.startsWith('_'),
}
