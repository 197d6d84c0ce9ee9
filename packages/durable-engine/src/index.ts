export { EngineError, type EngineErrorCode } from './engine-error.ts'
export { type EngineOptions, openEngine } from './engine.ts'
