// Puts the types of the entries into `dist/`. tsc writes those of every module behind them too, which are in the bundle and
// import packages that nobody who installs this one has.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..')
for (const entry of ['index', 'ai-sdk']) {
  copyFileSync(join(folder, 'node_modules/.types', `${entry}.d.ts`), join(folder, 'dist', `${entry}.d.ts`))
}
