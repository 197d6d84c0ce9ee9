import type { TreeLanguage } from '../tree-language.ts'

export const java: TreeLanguage = {
  endings: /\.java$/,
  package: 'tree-sitter-java',
  wasm: 'tree-sitter-java.wasm',
  hasTags: true,
  kinds: {
    class_declaration: 'class',
    interface_declaration: 'interface',
    enum_declaration: 'enum',
    record_declaration: 'record',
    annotation_type_declaration: 'annotation',
    method_declaration: 'method',
    annotation_type_element_declaration: 'method',
    constructor_declaration: 'constructor',
    compact_constructor_declaration: 'constructor',
  },
  functions: [
    'method_declaration',
    'constructor_declaration',
    'compact_constructor_declaration',
    'field_declaration',
    'constant_declaration',
    'static_initializer',
    'enum_constant',
    'block',
  ],
  containers: [
    'class_declaration',
    'interface_declaration',
    'enum_declaration',
    'record_declaration',
    'annotation_type_declaration',
  ],
  comments: ['line_comment', 'block_comment'],
}
