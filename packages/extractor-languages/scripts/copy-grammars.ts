// Copies the pinned grammars and the licences they come under into a folder, after checking their hashes. Whoever bundles
// this package puts them beside the bundle.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { fileInPackage, readPinnedFile } from '../src/grammars/grammar-file.ts'
import { GRAMMARS } from '../src/grammars/grammar-table.ts'

const [target = join(import.meta.dirname, '../dist/grammars')] = process.argv.slice(2)
mkdirSync(target, { recursive: true })
const licences: string[] = []
for (const grammar of Object.values(GRAMMARS)) {
  writeFileSync(join(target, basename(grammar.file)), await readPinnedFile(grammar, fileInPackage))
  const folder = dirname(fileInPackage({ ...grammar, file: 'package.json' }))
  const licence = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
  if (licence === undefined) throw new Error(`Expected a licence in ${grammar.package}; it cannot be shipped without.`)
  licences.push(
    `${basename(grammar.file)}: ${grammar.package} ${grammar.version}\n\n${readFileSync(join(folder, licence), 'utf8').trim()}\n`,
  )
}
writeFileSync(join(target, 'GRAMMAR-LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`))
