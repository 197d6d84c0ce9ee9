import { foldJava } from '../folding/java.ts'
import { bodyOf, childOfType, type LanguageRules } from '../tree/language-rules.ts'

export const javaRules: LanguageRules = {
  fold: foldJava,
  comments: new Set(['line_comment', 'block_comment']),
  transparent: new Set(['enum_body_declarations']),
  imports: new Set(['import_declaration']),
  declarations: {
    class_declaration: { kind: 'class', members: bodyOf },
    interface_declaration: { kind: 'interface', members: bodyOf },
    enum_declaration: { kind: 'enum', members: bodyOf },
    record_declaration: { kind: 'record', members: bodyOf },
    annotation_type_declaration: { kind: 'annotation', members: bodyOf },
    method_declaration: { kind: 'function' },
    annotation_type_element_declaration: { kind: 'function' },
    constructor_declaration: { kind: 'constructor' },
    compact_constructor_declaration: { kind: 'constructor' },
  },
  // Members of an interface are public without saying so.
  isPublic: ({ node }, source) => {
    const modifiers = childOfType(node, 'modifiers')
    const words = modifiers ? source(modifiers) : ''
    return (
      /\bpublic\b/.test(words) ||
      (/^(?:interface|annotation_type)_body$/.test(node.parent?.type ?? '') && !/\bprivate\b/.test(words))
    )
  },
}
