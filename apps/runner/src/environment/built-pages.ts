import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { hash } from 'node:crypto'
import { dirname, join } from 'node:path'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Output } from '../output/output.ts'

const APPS = join(import.meta.dirname, '../../..')
const OWN_SOURCES = ['index.html', 'package.json', 'vite.config.ts', 'public/**/*.*', 'src/**/*.*']
/** What pages take from elsewhere in the repository. */
const TAKEN = {
  console: [],
  report: [
    '../console/src/{theme,base}.css',
    '../console/src/visible-text.ts',
    '../../packages/log-verifier/src/**/*.ts',
  ],
}

/** The folder of built pages: beside the bundle, or, in a checkout, built when their sources changed, which takes some seconds. */
export function builtPages(name: keyof typeof TAKEN, { progress }: Pick<Output, 'progress'>): string {
  const published = join(import.meta.dirname, name)
  if (existsSync(join(published, 'index.html'))) return published
  const sources = join(APPS, name)
  const built = join(sources, 'node_modules/.cache', fingerprint(sources, [...OWN_SOURCES, ...TAKEN[name]]))
  if (!existsSync(join(built, 'index.html'))) {
    progress(`building the pages of the ${name} …`)
    buildInto(built, sources)
  }
  return built
}

function fingerprint(sources: string, patterns: readonly string[]): string {
  const files = globSync([...patterns], { cwd: sources })
  const contents = files.toSorted().map((file) => `${file}\n${readFileSync(join(sources, file), 'utf8')}`)
  return hash('sha256', contents.join('\0')).slice(0, 16)
}

/** Whoever is first names the folder; built beside it, so that it is never seen half done. */
function buildInto(folder: string, sources: string): void {
  mkdirSync(dirname(folder), { recursive: true })
  const unfinished = mkdtempSync(`${folder}-`)
  const vite = join(sources, 'node_modules/vite/bin/vite.js')
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [vite, 'build', '--outDir', unfinished, '--emptyOutDir', '--logLevel', 'error'],
    // Whoever starts it, these are pages and not a test of them.
    { cwd: sources, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  )
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new CommandError({
      exit: EXIT_CODE.failed,
      code: 'PAGES_NOT_BUILT',
      message: `the pages could not be built: ${(error?.message ?? stderr).trim().split('\n').slice(0, 3).join(' ')}`,
      hint: 'In a checkout run `npm run build` and look at what it says.',
    })
  }
  try {
    renameSync(unfinished, folder)
  } catch {
    // Another process was first; its pages are of the same sources.
    rmSync(unfinished, { recursive: true, force: true })
  }
}
