import type { Extractor } from '@ctxlock/contracts/extractor'

import { ecmascriptExtractor } from './ecmascript.ts'
import { jsonExtractor } from './json.ts'
import { markdownExtractor } from './markdown.ts'
import { yamlExtractor } from './yaml.ts'

/** The extractors of this package, in the order they are asked. What none of them matches is cut into line windows. */
export const builtInExtractors: readonly Extractor[] = [
  ecmascriptExtractor,
  markdownExtractor,
  jsonExtractor,
  yamlExtractor,
]
