import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { configDefaults, defineConfig } from 'vitest/config'

// They read modules a second time, which would have every later file of their worker read its own ones again.
const READ_AGAIN = ['packages/contracts/src/provider.test.ts', 'packages/core-hash/src/host.test.ts']

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/{src,test}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...READ_AGAIN],
          // Modules keep nothing but memos whose key is their whole input, so the order of files changes no answer. They are then
          // read once and not for each of two hundred files.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'modules read again', include: READ_AGAIN } },
      {
        extends: true,
        test: {
          name: 'commands',
          include: [
            'apps/*/{src,test}/**/*.test.ts',
            'examples/*/{src,test}/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'action/*.test.ts',
          ],
        },
      },
    ],
    // The default leaves one core to the runner, which sleeps while tests wait for the processes they start.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Commands that tests start as processes: a third of their time went into reading the same modules again.
    // Keys of a person are made below the second folder, not in the home of whoever runs the tests.
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('./node_modules/.cache/node', import.meta.url)),
      XDG_CONFIG_HOME: join(tmpdir(), 'ctxlock-test-config'),
    },
  },
})
