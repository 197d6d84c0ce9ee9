import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { bubblewrap } from './bubblewrap.ts'
import { namespaces } from './namespaces.ts'
import type { Mount, Sandbox } from './sandbox.ts'

const PROBE_MS = 10_000
const PROBE_FOLDER = 'ctxlock-sandbox-'
/** No probe lives that long. */
const ABANDONED_MS = 60 * PROBE_MS

/** Tells from inside whether the walls stand: the outer folder cannot be written, the inner one can, and no network is up. */
const PROBE = `[ "$(cat /proc/net/dev | grep -c :)" -le 1 ] && ! touch "$1/outside" 2>/dev/null && touch "$2/inside"`

/** The best sandbox of this machine that really works, tried once by running a command in it; undefined where none does. */
export function findSandbox(candidates: readonly Sandbox[] = installedSandboxes()): Sandbox | undefined {
  return process.platform === 'linux' ? candidates.find(works) : undefined
}

/** Fixed places: what stands in PATH could be anything. */
export function installedSandboxes(): readonly Sandbox[] {
  return [
    ...['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/run/current-system/sw/bin/bwrap']
      .filter((path) => existsSync(path))
      .map(bubblewrap),
    ...['/usr/bin/unshare'].filter((path) => existsSync(path)).map(namespaces),
  ]
}

function works(sandbox: Sandbox): boolean {
  removeAbandonedProbes(tmpdir())
  const folder = mkdtempSync(join(tmpdir(), PROBE_FOLDER))
  const [outer, inner, spare] = ['outer', 'inner', 'spare'].map((name) => join(folder, name))
  if (outer === undefined || inner === undefined || spare === undefined) return false
  try {
    for (const path of [outer, inner, spare]) mkdirSync(path)
    const mounts: Mount[] = [
      { kind: 'hide', path: '/tmp' },
      { kind: 'show', path: outer },
      { kind: 'write', path: inner },
    ]
    const { file, args } = sandbox.wrap(['/bin/sh', '-c', PROBE, 'sh', outer, inner], { mounts, cwd: inner, spare })
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
    return spawnSync(file, args, { env, timeout: PROBE_MS, stdio: 'ignore', killSignal: 'SIGKILL' }).status === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Removes what probes left in a temporary folder because their process was killed. Others may write there too: only folders of this
 * person are touched, never a link, and one that cannot be removed stays.
 */
export function removeAbandonedProbes(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(PROBE_FOLDER))) {
    const path = join(folder, name)
    try {
      const entry = lstatSync(path)
      const isOurs = entry.isDirectory() && entry.uid === process.getuid?.()
      if (isOurs && Date.now() - entry.mtimeMs > ABANDONED_MS) rmSync(path, { recursive: true })
    } catch {
      // Another process was quicker, or it is of no use to try.
    }
  }
}
