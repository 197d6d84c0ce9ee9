import type { TreeLanguage } from '../tree-language.ts'

export const go: TreeLanguage = {
  endings: /\.go$/,
  package: 'tree-sitter-go',
  wasm: 'tree-sitter-go.wasm',
  hasTags: true,
  kinds: {
    function_declaration: 'function',
    method_declaration: 'method',
    type_spec: 'type',
    type_alias: 'type',
    const_spec: 'const',
    var_spec: 'var',
  },
  functions: ['function_declaration', 'method_declaration', 'func_literal'],
  containers: [],
  wrappers: ['const_declaration', 'var_declaration', 'type_declaration'],
  comments: ['comment'],
}
