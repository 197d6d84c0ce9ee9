import type { TreeLanguage } from '../tree-language.ts'
import { C_KINDS } from './c.ts'

export const cpp: TreeLanguage = {
  endings: /\.(?:cc|cpp|cxx|hpp)$/,
  package: 'tree-sitter-cpp',
  wasm: 'tree-sitter-cpp.wasm',
  hasTags: true,
  kinds: {
    ...C_KINDS,
    field_declaration: 'declaration',
    class_specifier: 'class',
    namespace_definition: 'namespace',
    concept_definition: 'concept',
    alias_declaration: 'type',
  },
  functions: ['function_definition', 'lambda_expression', 'parameter_declaration', 'friend_declaration'],
  containers: ['namespace_definition', 'class_specifier', 'struct_specifier', 'union_specifier'],
  wrappers: ['template_declaration', 'type_definition', 'declaration', 'field_declaration'],
  comments: ['comment'],
}
