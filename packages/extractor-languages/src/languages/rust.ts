import { foldRust } from '../folding/rust.ts'
import { bodyOf, childOfType, type DeclarationRule, type LanguageRules } from '../tree/language-rules.ts'

const constant = (kind: string): DeclarationRule => ({ kind, body: (node) => node.childForFieldName('value') })

export const rustRules: LanguageRules = {
  fold: foldRust,
  comments: new Set(['line_comment', 'block_comment']),
  attributes: new Set(['attribute_item']),
  transparent: new Set(['foreign_mod_item', 'declaration_list']),
  imports: new Set(['use_declaration', 'extern_crate_declaration']),
  declarations: {
    function_item: { kind: 'function' },
    function_signature_item: { kind: 'function' },
    struct_item: { kind: 'struct' },
    enum_item: { kind: 'enum' },
    union_item: { kind: 'union' },
    type_item: { kind: 'type' },
    associated_type: { kind: 'type' },
    trait_item: { kind: 'trait', members: bodyOf },
    mod_item: { kind: 'module', members: bodyOf },
    impl_item: {
      kind: 'impl',
      names: (node, source) => {
        const type = node.childForFieldName('type')
        const own = type?.type === 'generic_type' ? type.childForFieldName('type') : type
        return own ? [source(own)] : []
      },
      members: bodyOf,
    },
    macro_definition: { kind: 'macro', body: (node) => childOfType(node, 'macro_rule') },
    const_item: constant('const'),
    static_item: constant('static'),
  },
  // An `impl` has no visibility of its own, and what a trait demands has that of the trait.
  isPublic: ({ node }) =>
    node.type === 'impl_item' ||
    node.parent?.parent?.type === 'trait_item' ||
    childOfType(node, 'visibility_modifier') !== null,
}
