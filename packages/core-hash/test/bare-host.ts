// Loads the browser entry where nothing of Node is left to be seen, and prints what it makes of the vectors.
import { writeSync } from 'node:fs'

import { vectorFiles } from './vector-files.ts'
import { vectorResults } from './vector-results.ts'

for (const name of ['process', 'Buffer', 'global', 'require', 'setImmediate']) Reflect.deleteProperty(globalThis, name)
const entry = await import('../src/browser.ts')
writeSync(1, JSON.stringify(vectorResults(entry, vectorFiles)))
