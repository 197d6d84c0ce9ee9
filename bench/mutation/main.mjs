// `npm run mutation -- <area> ...`: mutation testing of these areas, or of all, one after the other.
import { spawnSync } from 'node:child_process'

import { AREAS } from './areas.mjs'

const named = process.argv.slice(2)
for (const MUTATION_AREA of named.length > 0 ? named : Object.keys(AREAS)) {
  const { status } = spawnSync('stryker', ['run', 'bench/mutation/stryker.config.mjs'], {
    env: { ...process.env, MUTATION_AREA },
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
