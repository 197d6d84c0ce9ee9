import type * as TreeSitter from 'web-tree-sitter'

import { readPinnedFile } from '../grammars/grammar-file.ts'
import { PARSER } from '../grammars/grammar-table.ts'
import { callocOfAtLeastOne } from './grammar-memory.ts'
import { METER, meteredModule } from './metered-module.ts'
import { WebAssembly } from './web-assembly.ts'

/** Bounds what the parser and the grammars that call it do from `start` to `stop`. */
export interface Meter {
  /** Counts anew; what works when the count comes to `limit` ends in a trap, however deep it is. */
  start(limit: number): void
  work(): number
  /** Puts the stack of the module back to where it was, for a trap leaves it as it is. */
  stop(): void
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
  const meters: Meter[] = []
  await Parser.init({
    instantiateWasm(imports: object, done: (instance: object, module: object) => void) {
      const { exports } = new WebAssembly.Instance(module, imports)
      meters.push(meterOf(exports))
      done({ exports: { ...exports, calloc: callocOfAtLeastOne(exports['calloc']) } }, module)
    },
  })
  const [meter] = meters
  if (!meter) throw new Error('Expected the parser to start with its meter.')
  return { Parser, Language, Query, meter }
}

function meterOf(exports: Readonly<Record<string, unknown>>): Meter {
  const { [METER]: count, emscripten_stack_get_current: stackNow, _emscripten_stack_restore: restoreStack } = exports
  if (!(count instanceof WebAssembly.Global) || typeof stackNow !== 'function' || typeof restoreStack !== 'function')
    throw new Error('Expected the parser to export its meter and its stack.')
  let allowed = 0
  let stack: unknown
  return {
    start(limit) {
      stack = stackNow()
      allowed = limit
      count.value = -limit
    },
    work: () => count.value + allowed,
    stop() {
      // Above 0 nothing traps: a tree is read and deleted without a limit.
      count.value = 1
      restoreStack(stack)
    },
  }
}

/** The library starts once a copy. Whoever else uses it in this process may have started the common one, without a meter. */
function ownCopy(): Promise<typeof TreeSitter> {
  return import(`${import.meta.resolve('web-tree-sitter')}?metered`)
}
