import { expect, test } from 'vitest'

import { withoutBuiltInImports } from '../scripts/built-in-imports.ts'

test.each([
  [
    'import { join, sep as separator } from "node:path";',
    'const { join, sep: separator } = process.getBuiltinModule("node:path");',
  ],
  ['import process$1 from "node:process";', 'const process$1 = process.getBuiltinModule("node:process");'],
  ['import * as files from "node:fs/promises";', 'const files = process.getBuiltinModule("node:fs/promises");'],
])('asks for a module of Node: %s', (code, expected) => {
  expect(withoutBuiltInImports(code)).toBe(expected)
})

test('leaves everything else as it is', () => {
  const code = [
    'import { parse } from "yaml";',
    'import { t as lock } from "./lock-1.js";',
    'const text = `import fs from "node:fs";`;',
    'export { join } from "node:path";',
  ].join('\n')
  expect(withoutBuiltInImports(code)).toBe(code)
})
