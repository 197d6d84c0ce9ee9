// Samples of every recorded shape, for tests of recorders and validators; generated from the schemas, so none is forgotten.
export { draftOf, eventSamples, isRecorderField } from './testing/event-samples.ts'
export { brokenSamples, sampleOf } from './testing/json-schema-samples.ts'
export type { Fullness, Json, JsonSchema } from './testing/json-schema-samples.ts'
