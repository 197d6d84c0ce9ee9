import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

test('the example of the README runs and says what it should', () => {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${cwd}/README.md`, 'utf8')) ?? []
  const output = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd,
    encoding: 'utf8',
  })
  expect(JSON.parse(output)).toEqual({
    policy: true,
    typo: false,
    selector: { kind: 'lines', start: 3, end: 9 },
    unbounded: 'refused',
    event: 'unknown_id',
  })
})
