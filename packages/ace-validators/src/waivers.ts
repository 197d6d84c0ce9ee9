// Waivers: which hits of the injection scan a person has held harmless, and whether that still stands.
export { hitsOf, holdsHarmless, type WaivableHits } from './waivers/waivable-hits.ts'
export { scanVersions } from './waivers/scan-versions.ts'
export { waiverState, type WaiverConditions, type WaiverState } from './waivers/waiver-state.ts'
