import type { TreeLanguage } from '../tree-language.ts'

export const php: TreeLanguage = {
  endings: /\.php$/,
  package: 'tree-sitter-php',
  wasm: 'tree-sitter-php.wasm',
  hasTags: true,
  kinds: {
    namespace_definition: 'namespace',
    class_declaration: 'class',
    interface_declaration: 'interface',
    trait_declaration: 'trait',
    enum_declaration: 'enum',
    function_definition: 'function',
    method_declaration: 'method',
    property_declaration: 'property',
    const_declaration: 'const',
  },
  functions: [
    'function_definition',
    'method_declaration',
    'anonymous_function',
    'arrow_function',
    'anonymous_class',
    'object_creation_expression',
  ],
  containers: [
    'namespace_definition',
    'class_declaration',
    'interface_declaration',
    'trait_declaration',
    'enum_declaration',
  ],
  comments: ['comment'],
}
