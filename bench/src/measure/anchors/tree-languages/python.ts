import type { TreeLanguage } from '../tree-language.ts'

export const python: TreeLanguage = {
  endings: /\.pyi?$/,
  package: 'tree-sitter-python',
  wasm: 'tree-sitter-python.wasm',
  hasTags: true,
  kinds: {
    class_definition: 'class',
    function_definition: 'function',
    type_alias_statement: 'type',
    expression_statement: 'constant',
  },
  functions: ['function_definition', 'lambda'],
  containers: ['class_definition'],
  wrappers: ['decorated_definition'],
  comments: ['comment'],
}
