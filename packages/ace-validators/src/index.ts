// The twelve guards and the pipeline that runs them (spec 05).
export { inlineOutputErrors, type ToolOutput } from './guards/artifact-handle-only.ts'
export { packErrors } from './guards/compaction-schema.ts'
export { jobErrors } from './guards/job-boundary.ts'
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
