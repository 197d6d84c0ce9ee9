import type * as TreeSitter from 'web-tree-sitter'

import { readPinnedFile } from '../grammars/grammar-file.ts'
import { PARSER } from '../grammars/grammar-table.ts'
import { callocOfAtLeastOne } from './grammar-memory.ts'
import { METER, meteredModule } from './metered-module.ts'
import { WebAssembly } from './web-assembly.ts'

/** How much the parser did since it was asked to count anew. */
export interface Meter {
  work(): number
  reset(): void
}

export interface MeteredRuntime extends Pick<typeof TreeSitter, 'Parser' | 'Language' | 'Query'> {
  readonly meter: Meter
}

let started: Promise<MeteredRuntime> | undefined

/** Starts the parser's WebAssembly, once for all languages. Throws `LanguageError`. */
export function meteredRuntime(): Promise<MeteredRuntime> {
  return (started ??= start())
}

async function start(): Promise<MeteredRuntime> {
  const { Parser, Language, Query } = await ownCopy()
  const module = new WebAssembly.Module(meteredModule(await readPinnedFile(PARSER)))
  const counts: { value: number }[] = []
  await Parser.init({
    instantiateWasm(imports: object, done: (instance: object, module: object) => void) {
      const instance = new WebAssembly.Instance(module, imports)
      const count = instance.exports[METER]
      if (count instanceof WebAssembly.Global) counts.push(count)
      done({ exports: { ...instance.exports, calloc: callocOfAtLeastOne(instance.exports['calloc']) } }, module)
    },
  })
  const [count] = counts
  if (!count) throw new Error('Expected the parser to start with its meter.')
  const meter = {
    work: () => count.value >>> 0,
    reset() {
      count.value = 0
    },
  }
  return { Parser, Language, Query, meter }
}

/** The library starts once a copy. Whoever else uses it in this process may have started the common one, without a meter. */
function ownCopy(): Promise<typeof TreeSitter> {
  return import(`${import.meta.resolve('web-tree-sitter')}?metered`)
}
