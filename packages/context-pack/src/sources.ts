export { contentExclusion } from './sources/content-exclusion.ts'
export { pathExclusion } from './sources/path-exclusion.ts'
