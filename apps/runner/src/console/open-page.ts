import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Opens an address in the person's browser without naming it on a command line, which others of this machine can read: what is named
 * is a file that only this person can, and that leads there. Gives the way to remove it again.
 */
export function openPage(address: string): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-console-'))
  const file = join(folder, 'open.html')
  writeFileSync(file, pageThatLeadsTo(address), { mode: 0o600 })
  const [command, ...args] = opener()
  // Without a browser, or a desktop, the printed address is there.
  spawn(command, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
  return () => rmSync(folder, { recursive: true, force: true })
}

/** Both are ours: nothing in them needs escaping. */
export function pageThatLeadsTo(address: string, head = ''): string {
  return `<!doctype html><meta charset="utf-8"><title>ctxlock console</title>${head}<meta http-equiv="refresh" content="0;url=${address}">`
}

function opener(): readonly [string, ...string[]] {
  if (process.platform === 'darwin') return ['open']
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '""']
  return ['xdg-open']
}
