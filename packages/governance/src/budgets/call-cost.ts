import type { ProviderConfig, Usage } from '@ctxlock/contracts/provider'

type Price = NonNullable<ProviderConfig['models'][number]['price']>

/**
 * What a call costs in millionths of a US dollar, rounded up; null when the config names no price or the server no counts: unknown is
 * never 0. Prices are read to a millionth of a dollar for a million tokens.
 */
export function callCost(
  price: Price | undefined,
  usage: Pick<Usage, 'inputTokens' | 'outputTokens'> | undefined,
): number | null {
  if (!price || !usage || usage.inputTokens === null || usage.outputTokens === null) return null
  const cost =
    BigInt(usage.inputTokens) * microUsd(price.input_usd_per_million) +
    BigInt(usage.outputTokens) * microUsd(price.output_usd_per_million)
  return Number((cost + 999_999n) / 1_000_000n)
}

/** The price of a model, where its provider's entry names one. */
export function priceOf({ models }: Pick<ProviderConfig, 'models'>, modelId: string): Price | undefined {
  return models.find(({ model_id }) => model_id === modelId)?.price
}

function microUsd(dollars: number): bigint {
  return BigInt(Math.round(dollars * 1_000_000))
}
