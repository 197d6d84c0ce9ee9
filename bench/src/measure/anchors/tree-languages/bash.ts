import type { TreeLanguage } from '../tree-language.ts'

export const bash: TreeLanguage = {
  endings: /\.(?:sh|bash)$/,
  package: 'tree-sitter-bash',
  wasm: 'tree-sitter-bash.wasm',
  hasTags: false,
  kinds: { function_definition: 'function' },
  functions: ['function_definition'],
  containers: [],
  comments: ['comment'],
}
