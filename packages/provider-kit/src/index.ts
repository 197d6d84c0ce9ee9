export { createEgress } from './egress/egress.ts'
export type { EgressOptions } from './egress/egress.ts'
export type { Dial, DialTarget, Lookup } from './egress/checked-connector.ts'
export { deriveTier } from './network/derive-tier.ts'
export type { TierDecision } from './network/derive-tier.ts'
export { notABase, parseBaseUrl } from './network/base-url.ts'
export type { BaseUrl } from './network/base-url.ts'
export { classifyAddress } from './network/address-class.ts'
export type { AddressClass } from './network/address-class.ts'
export type { NetworkConfig } from './network/network-policy.ts'
export { createSecretHolder } from './secret-holder.ts'
export { keyNames, mayHoldKey } from './key-name.ts'
export { createHttpProvider } from './provider/http-provider.ts'
export { chatEncoder } from './provider/prepare.ts'
export { NO_CAPABILITIES } from './provider/capabilities.ts'
export { cloudServed, isCloudName } from './provider/cloud-served.ts'
export { httpProviderOptions } from './provider/http-provider-options.ts'
export type {
  Administration,
  CarriedOption,
  Dialect,
  EmbeddingRequest,
  Generation,
  LoadOptions,
} from './provider/dialect.ts'
export type { HttpCalls } from './provider/http-calls.ts'
export { embeddingResult } from './provider/embedding.ts'
export { recordedModel } from './provider/recorded-model.ts'
export type { AnswerPart, FinishReasons, ToolCallPart, UsageCounts } from './answer/answer-part.ts'
export { serverSentEvents } from './wire/server-sent-events.ts'
export { jsonLines } from './wire/json-lines.ts'
export type { StreamItem } from './wire/stream-item.ts'
export { countOf, isObject, listOf, objectOf, parseJson, present, textOf } from './wire/json.ts'
export type { Json, JsonObject } from './wire/json.ts'
export { retryAfterMs } from './errors/retry-after.ts'
export { withRetries } from './retry.ts'
export type { RetryContext, RetryLimits } from './retry.ts'
