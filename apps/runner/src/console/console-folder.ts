import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { hash } from 'node:crypto'
import { dirname, join } from 'node:path'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Output } from '../output/output.ts'

/** Beside the bundle, where `npm run build` puts the pages. */
const PUBLISHED = join(import.meta.dirname, 'console')
/** In a checkout the pages are sources like the rest. */
const SOURCES = join(import.meta.dirname, '../../../console')

/** The folder of the built pages. In a checkout they are built when their sources changed, which takes some seconds. */
export function consoleFolder({ progress }: Pick<Output, 'progress'>): string {
  if (existsSync(join(PUBLISHED, 'index.html'))) return PUBLISHED
  const built = join(SOURCES, 'node_modules/.cache', fingerprint())
  if (!existsSync(join(built, 'index.html'))) {
    progress('building the pages of the console …')
    buildInto(built)
  }
  return built
}

function fingerprint(): string {
  const files = globSync(['index.html', 'package.json', 'vite.config.ts', 'public/**/*.*', 'src/**/*.*'], {
    cwd: SOURCES,
  })
  const contents = files.toSorted().map((file) => `${file}\n${readFileSync(join(SOURCES, file), 'utf8')}`)
  return hash('sha256', contents.join('\0')).slice(0, 16)
}

/** Whoever is first names the folder; built beside it, so that it is never seen half done. */
function buildInto(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true })
  const unfinished = mkdtempSync(`${folder}-`)
  const vite = join(SOURCES, 'node_modules/vite/bin/vite.js')
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [vite, 'build', '--outDir', unfinished, '--emptyOutDir', '--logLevel', 'error'],
    { cwd: SOURCES, encoding: 'utf8' },
  )
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new CommandError({
      exit: EXIT_CODE.failed,
      code: 'CONSOLE_NOT_BUILT',
      message: `the pages of the console could not be built: ${(error?.message ?? stderr).trim().split('\n').slice(0, 3).join(' ')}`,
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
