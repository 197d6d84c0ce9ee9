import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

/** Writes the license text of every third-party package whose code is in the bundle; they ask for it to go along. */
export function writeBundledLicenses(modules: readonly string[], path: string): void {
  const folders = new Set(modules.flatMap((module) => packageFolder(module) ?? []))
  const texts = [...folders].map(licenseOf).toSorted()
  writeFileSync(path, `Parts of these packages are in the bundle.\n\n${texts.join('\n')}`)
}

/** The package a module of `node_modules` belongs to; undefined for our own. */
function packageFolder(module: string): string | undefined {
  if (!module.includes(`${sep}node_modules${sep}`)) return undefined
  let folder = dirname(module)
  while (!isPackage(folder)) folder = dirname(folder)
  return folder
}

/** A `package.json` without a name only says which kind of module its folder holds. */
function isPackage(folder: string): boolean {
  const path = join(folder, 'package.json')
  return existsSync(path) && 'name' in JSON.parse(readFileSync(path, 'utf8'))
}

function licenseOf(folder: string): string {
  const { name, version }: { name: string; version: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${name} ${version} is bundled, but brings no license text.`)
  return `== ${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
