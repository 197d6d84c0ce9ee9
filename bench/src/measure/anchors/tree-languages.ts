import type { TreeLanguage } from './tree-language.ts'
import { bash } from './tree-languages/bash.ts'
import { c } from './tree-languages/c.ts'
import { cpp } from './tree-languages/cpp.ts'
import { csharp } from './tree-languages/csharp.ts'
import { go } from './tree-languages/go.ts'
import { java } from './tree-languages/java.ts'
import { kotlin } from './tree-languages/kotlin.ts'
import { php } from './tree-languages/php.ts'
import { python } from './tree-languages/python.ts'
import { ruby } from './tree-languages/ruby.ts'
import { rust } from './tree-languages/rust.ts'
import { swift } from './tree-languages/swift.ts'

/** By the name the measure's options and results have for each. */
export const TREE_LANGUAGES: Readonly<Record<string, TreeLanguage>> = {
  python,
  go,
  rust,
  java,
  c,
  cpp,
  csharp,
  ruby,
  php,
  kotlin,
  swift,
  bash,
}
