import type { TreeLanguage } from '../tree-language.ts'

export const C_KINDS = {
  function_definition: 'function',
  type_definition: 'type',
  struct_specifier: 'struct',
  union_specifier: 'union',
  enum_specifier: 'enum',
  preproc_def: 'macro',
  preproc_function_def: 'macro',
  declaration: 'declaration',
}

export const c: TreeLanguage = {
  endings: /\.c$/,
  package: 'tree-sitter-c',
  wasm: 'tree-sitter-c.wasm',
  hasTags: true,
  kinds: C_KINDS,
  functions: ['function_definition', 'struct_specifier', 'union_specifier', 'parameter_declaration'],
  containers: [],
  wrappers: ['type_definition', 'declaration'],
  comments: ['comment'],
}
