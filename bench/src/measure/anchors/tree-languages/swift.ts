import type { TreeLanguage } from '../tree-language.ts'

export const swift: TreeLanguage = {
  endings: /\.swift$/,
  package: '@repomix/tree-sitter-wasms',
  wasm: 'out/tree-sitter-swift.wasm',
  hasTags: false,
  kinds: {
    class_declaration: 'class',
    protocol_declaration: 'protocol',
    function_declaration: 'function',
    protocol_function_declaration: 'function',
    init_declaration: 'constructor',
    deinit_declaration: 'destructor',
    subscript_declaration: 'subscript',
    property_declaration: 'property',
    protocol_property_declaration: 'property',
    typealias_declaration: 'type',
    associatedtype_declaration: 'type',
  },
  functions: [
    'function_declaration',
    'init_declaration',
    'deinit_declaration',
    'lambda_literal',
    'property_declaration',
    'subscript_declaration',
    'computed_property',
  ],
  containers: ['class_declaration', 'protocol_declaration'],
  comments: ['comment', 'multiline_comment'],
}
