// The injection scanner on its own: spec 05 section 4.
export { scannerFor } from './guards/profile-scanner.ts'
export { BUILT_IN_PATTERNS } from './scanner/patterns.ts'
export {
  createScanner,
  type Finding,
  type ScanBlock,
  type Scanner,
  type ScannerOptions,
  type ScanResult,
} from './scanner/scan.ts'
export type { Occurrence } from './scanner/locate.ts'
export type { View, ViewId } from './scanner/views.ts'
