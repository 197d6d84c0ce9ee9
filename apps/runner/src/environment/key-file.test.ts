import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openKeyFile } from './key-file.ts'

// As FAT answers: that lies below JavaScript, so a library is put before the C library.
const NO_LINKS = `#include <errno.h>
int link(const char *from, const char *to) { errno = EPERM; return -1; }`
const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

test.runIf(hasCompiler)('a disk without hard links keeps a key too, and makes it once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'key-file-'))
  const [source, shim, path] = [join(folder, 'link.c'), join(folder, 'link.so'), join(folder, 'some.key')]
  writeFileSync(source, NO_LINKS)
  execFileSync('cc', ['-shared', '-fPIC', '-o', shim, source])
  const code = `import { openKeyFile } from ${JSON.stringify(import.meta.resolve('./key-file.ts'))}
    console.log(Buffer.from(openKeyFile(process.argv[1])).toString('hex'))`
  const opened = () =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', code, path], {
      encoding: 'utf8',
      env: { ...process.env, LD_PRELOAD: shim },
    }).trim()
  const key = opened()
  expect([opened(), Buffer.from(openKeyFile(path)).toString('hex')]).toEqual([key, key])
  expect([readdirSync(folder).filter((name) => name.endsWith('.tmp')), statSync(path).mode & 0o777]).toEqual([
    [],
    0o600,
  ])
  rmSync(folder, { recursive: true })
})
