import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'

import { expect, test } from 'vitest'

const MODULE = new URL('./closed-output.ts', import.meta.url).href
/** Prints in pieces until somebody says stop, then ends as the command would have. */
const SCRIPT = `import { finishWithClosedOutput } from '${MODULE}'
finishWithClosedOutput()
for (let piece = 0; piece < 50; piece += 1) {
  process.stdout.write('x'.repeat(65536))
  await new Promise((resolve) => setImmediate(resolve))
}
process.exitCode = 3`

test('a reader that goes away changes neither the exit code nor says anything', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (text) => (errors += String(text)))
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = await once(child, 'exit')
  expect({ code, errors }).toEqual({ code: 3, errors: '' })
})

test.skipIf(process.platform !== 'linux')('output that cannot be written is a failure', async () => {
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], { stdio: ['ignore', full, 'pipe'] })
  let errors = ''
  child.stderr?.on('data', (text) => (errors += String(text)))
  const [code] = await once(child, 'close')
  expect({ code, errors }).toEqual({ code: 1, errors: 'error: the output could not be written (ENOSPC)\n' })
})
