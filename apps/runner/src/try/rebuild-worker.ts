// One build of a lockfile in a process of its own: locale and time zone are fixed when a process starts.
import { writeFileSync } from 'node:fs'

import { formatLockfile } from '@ctxlock/context-pack'
import type { z } from 'zod'

import { EXIT_CODE } from '../exit-code.ts'
import { asCommandError } from '../failure/failure.ts'
import { lockWorkspace } from '../lock/lock-workspace.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { openSession } from '../session/session.ts'
import type { RebuildReport } from './rebuild.ts'

const [root = '', stateRoot = '', lockfilePath = ''] = process.argv.slice(2)

try {
  process.stdout.write(JSON.stringify(await build()))
} catch (error) {
  process.stderr.write(`${asCommandError(error).message}\n`)
  process.exitCode = EXIT_CODE.failed
}

async function build(): Promise<z.output<typeof RebuildReport>> {
  const session = await openSession({ root, stateRoot, variables: process.env })
  try {
    let counts = { sources: 0, packed: 0 }
    await recordedRun(session, 'try', async (ids) => {
      const lockfile = await lockWorkspace(session, ids, [], () => {})
      writeFileSync(lockfilePath, formatLockfile(lockfile))
      const packed = lockfile.sources.filter((source) => 'pack' in source).length
      counts = { sources: lockfile.sources.length, packed }
      return EXIT_CODE.done
    })
    const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions()
    return { locale, timeZone, ...counts }
  } finally {
    await session.close()
  }
}
