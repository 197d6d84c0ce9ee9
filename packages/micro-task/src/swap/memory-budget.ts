import type { ModelSwapRequest } from '@ctxlock/contracts/model-swap'

import { SwapFailure } from './swap-failure.ts'
import type { ModelMemory } from './swap-ports.ts'

type Budget = Pick<ModelSwapRequest, 'max_vram_mb' | 'max_ram_mb'>

export interface ExpectedMemory {
  /** The whole size of each model that will be loaded at once, in megabytes. */
  readonly sizes: readonly (number | undefined)[]
  /** Whether the server will say what the models really take. */
  readonly measurable: boolean
  readonly allowUnmeasured: boolean
}

/**
 * Before anything is loaded (SWAP-010, SWAP-011). How a server splits a model is not known yet: where it can be measured
 * afterwards, both budgets together are the bound; where it cannot, all of it counts as VRAM. Throws `SwapFailure`.
 */
export function demandFits({ sizes, measurable, allowUnmeasured }: ExpectedMemory, budget: Budget): void {
  const needed = sizes.reduce<number>((sum, size = 0) => sum + size, 0)
  const allowed = measurable ? budget.max_vram_mb + budget.max_ram_mb : budget.max_vram_mb
  if (needed > allowed) throw exceeded(`${needed} MB`, `${allowed} MB`)
  if (sizes.includes(undefined) && !measurable && !allowUnmeasured) throw unmeasured()
}

/** After loading: what the server reports of the models that are loaded at once; where it does not, what was expected. Throws `SwapFailure`. */
export function demandWithin(measured: ModelMemory | undefined, expected: ExpectedMemory, budget: Budget): void {
  if (measured === undefined) return demandFits({ ...expected, measurable: false }, budget)
  const { vramMb, ramMb } = measured
  if (vramMb > budget.max_vram_mb) throw exceeded(`${vramMb} MB of VRAM`, `${budget.max_vram_mb} MB`)
  if (ramMb > budget.max_ram_mb) throw exceeded(`${ramMb} MB of memory`, `${budget.max_ram_mb} MB`)
}

/** Undefined unless each was measured. */
export function sumOf(parts: readonly (ModelMemory | undefined)[]): ModelMemory | undefined {
  const known = parts.filter((part) => part !== undefined)
  if (known.length < parts.length) return undefined
  return {
    vramMb: known.reduce((sum, { vramMb }) => sum + vramMb, 0),
    ramMb: known.reduce((sum, { ramMb }) => sum + ramMb, 0),
  }
}

function exceeded(needed: string, allowed: string): SwapFailure {
  return new SwapFailure('budget_exceeded', `The models need ${needed}, the request allows ${allowed}.`)
}

function unmeasured(): SwapFailure {
  return new SwapFailure(
    'unmeasured_model',
    'Nobody says how much memory the model takes: declare `memory_mb` in its provider, or set `allow_unmeasured_models`.',
  )
}
