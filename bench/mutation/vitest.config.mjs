import { join } from 'node:path'

import { defineConfig } from 'vitest/config'

import { chosenArea } from './areas.mjs'

const { tests, skip } = chosenArea()

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: tests,
    ...(skip && { testNamePattern: new RegExp(`^(?!.*(?:${skip.source}))`) }),
    isolate: false,
    testTimeout: 20_000,
  },
})
