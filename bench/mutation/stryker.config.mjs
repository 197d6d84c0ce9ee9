import { chosenArea } from './areas.mjs'

const { name, mutate } = chosenArea()
const kept = `node_modules/.cache/mutation/${name}`

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'bench/mutation/vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  mutate: [...mutate, '!**/*.test.ts'],
  plugins: ['@stryker-mutator/vitest-runner', './bench/mutation/sentences.mjs'],
  ignorers: ['sentences'],
  incremental: true,
  incrementalFile: `${kept}.incremental.json`,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  jsonReporter: { fileName: `${kept}.json` },
  clearTextReporter: { reportTests: false },
  thresholds: { high: 92, low: 92, break: 92 },
  timeoutMS: 2_500,
}
