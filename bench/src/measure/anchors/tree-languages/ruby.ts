import type { TreeLanguage } from '../tree-language.ts'

export const ruby: TreeLanguage = {
  endings: /\.rb$/,
  package: 'tree-sitter-ruby',
  wasm: 'tree-sitter-ruby.wasm',
  hasTags: true,
  kinds: {
    module: 'module',
    class: 'class',
    method: 'method',
    singleton_method: 'method',
    alias: 'alias',
    assignment: 'constant',
  },
  functions: ['method', 'singleton_method', 'lambda'],
  containers: ['module', 'class'],
  comments: ['comment'],
}
