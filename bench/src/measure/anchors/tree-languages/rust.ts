import type { TreeLanguage } from '../tree-language.ts'

export const rust: TreeLanguage = {
  endings: /\.rs$/,
  package: 'tree-sitter-rust',
  wasm: 'tree-sitter-rust.wasm',
  hasTags: true,
  kinds: {
    function_item: 'function',
    function_signature_item: 'function',
    struct_item: 'struct',
    enum_item: 'enum',
    union_item: 'union',
    type_item: 'type',
    associated_type: 'type',
    trait_item: 'trait',
    mod_item: 'module',
    impl_item: 'impl',
    macro_definition: 'macro',
    const_item: 'const',
    static_item: 'static',
  },
  functions: ['function_item', 'closure_expression', 'const_item', 'static_item'],
  containers: ['trait_item', 'mod_item', 'impl_item'],
  comments: ['line_comment', 'block_comment', 'attribute_item'],
}
