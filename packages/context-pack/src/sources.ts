export { contentExclusion } from './sources/content-exclusion.ts'
export { isGovernanceText } from './sources/governance-text.ts'
export { pathExclusion } from './sources/path-exclusion.ts'
