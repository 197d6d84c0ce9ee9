// Samples of every recorded shape, for tests of recorders and validators; generated from the schemas, so none is forgotten.
// And a whole call for tests of guards.
export { draftOf, eventSamples, isRecorderField } from './testing/event-samples.ts'
export { EXAMPLE_MAGIC, exampleCall, type ExampleCallOptions } from './testing/example-call.ts'
export { EXAMPLE_HASH, EXAMPLE_TIME } from './testing/example-constants.ts'
export { exampleBlock } from './testing/example-envelope.ts'
export { ExampleWorkspace, handleOf } from './testing/example-workspace.ts'
export { brokenSamples, sampleOf } from './testing/json-schema-samples.ts'
export type { Fullness, Json, JsonSchema } from './testing/json-schema-samples.ts'
