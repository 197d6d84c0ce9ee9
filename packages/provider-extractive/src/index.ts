export { createExtractive, type ExtractiveOptions } from './extractive.ts'
export { extractivePlugin } from './plugin.ts'
