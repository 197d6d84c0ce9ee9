import type { TreeLanguage } from '../tree-language.ts'

export const kotlin: TreeLanguage = {
  endings: /\.kts?$/,
  package: '@tree-sitter-grammars/tree-sitter-kotlin',
  wasm: 'tree-sitter-kotlin.wasm',
  hasTags: false,
  kinds: {
    class_declaration: 'class',
    object_declaration: 'object',
    companion_object: 'object',
    function_declaration: 'function',
    secondary_constructor: 'constructor',
    property_declaration: 'property',
    type_alias: 'type',
  },
  functions: [
    'function_declaration',
    'secondary_constructor',
    'anonymous_function',
    'lambda_literal',
    'property_declaration',
    'anonymous_initializer',
    'object_literal',
    'enum_entry',
    'getter',
    'setter',
  ],
  containers: ['class_declaration', 'object_declaration', 'companion_object'],
  comments: ['line_comment', 'block_comment'],
}
