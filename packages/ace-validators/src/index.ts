// The twelve guards and the pipeline that runs them (spec 05).
export { packErrors } from './guards/compaction-schema.ts'
export { MANDATORY_GUARDS } from './guards/mandatory-guards.ts'
export { capture } from './pipeline/capture.ts'
export type { JobEffect, ViolationType } from './pipeline/job-effects.ts'
export {
  createPipeline,
  type Detection,
  type Pipeline,
  type PipelineOptions,
  type PipelineResult,
} from './pipeline/pipeline.ts'
export { ValidatorError, type ValidatorErrorCode } from './validator-error.ts'
