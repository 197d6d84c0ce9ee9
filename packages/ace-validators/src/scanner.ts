// The injection scanner on its own: spec 05 section 4.
export { candidateAction } from './guards/candidate-action.ts'
export { scannerFor } from './guards/profile-scanner.ts'
export type { Occurrence } from './scanner/locate.ts'
export type { Finding, ScanBlock, ScanResult } from './scanner/matches.ts'
export { BUILT_IN_PATTERNS } from './scanner/patterns.ts'
export { createScanner, type Scanner, type ScannerOptions } from './scanner/scan.ts'
export type { View, ViewId } from './scanner/views.ts'
