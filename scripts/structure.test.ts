// Compares the package table of ARCHITECTURE.md with every manifest and every import.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'

import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Folder of each package and the workspace packages it may import, as ARCHITECTURE.md says. */
const MAY_IMPORT = packageTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']
/** Sources, beside tests and fixtures, whose subject is such paths. */
const ABOUT_PATHS = new Set([
  'bench/src/measure/paths/path-rows.ts',
  'packages/ace-validators/src/redactor/paths.ts',
  'packages/ace-validators/README.md',
])
const README_SECTIONS = ['Install', 'Use', 'API', 'Errors', 'Limits']
const IMPORT = /^(?:import|export)\b(?:[^'"`;()=]*?\bfrom\s*|\s*)['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/gm

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly license?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>>; readonly bin?: Manifest['bin'] }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
/** What these import is bundled when they are built, so it is no dependency of whoever installs them (decisions/0024). */
const BUNDLED = new Set(['apps/runner', 'apps/console', 'apps/report'])
/** Examples are copied and published by npm, which knows no `publishConfig.exports`. */
const BUILT_ENTRY = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } }
const PAGES = new Set(['apps/console', 'apps/report'])
const rootDevDependencies = Object.keys(manifestOf('.').devDependencies ?? {})
const folderOf = new Map(Object.keys(MAY_IMPORT).map((folder) => [manifestOf(folder).name, folder]))

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)))
const isTest = (path: string) => /\.test\.[cm]?[jt]s$|(?:^|\/)(?:test|__fixtures__|vectors)\//.test(path)
const read = (path: string) => readFileSync(join(root, path), 'utf8')
/** `./a.ts` for `./*` in place of the star. */
const modulesOf = (folder: string) =>
  readdirSync(join(root, folder, 'src'))
    .filter((name) => name.endsWith('.ts') && !isTest(name))
    .map((name) => name.slice(0, -3))

test('the table names every package there is', () => {
  const folders = ['packages', 'apps', 'examples'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  )
  expect(new Set(Object.keys(MAY_IMPORT))).toEqual(new Set(folders))
})

describe.each(Object.keys(MAY_IMPORT))('%s', (folder) => {
  const manifest = manifestOf(folder)
  const allowed = (MAY_IMPORT[folder] ?? []).map((name) => `@ctxlock/${name}`)
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const isPublished = manifest.private !== true
  const isExample = folder.startsWith('examples/')

  test('depends on what the table allows, on few others, and runs nothing at install', () => {
    const external = Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith('@ctxlock/'))
    expect(dependencies.filter((name) => name.startsWith('@ctxlock/') && !allowed.includes(name))).toEqual([])
    if (isPublished) expect(external.length).toBeLessThanOrEqual(3)
    expect(INSTALL_SCRIPTS.filter((name) => manifest.scripts?.[name] !== undefined)).toEqual([])
    expect(manifest).toMatchObject({ license: 'MIT', engines: { node: '>=24' } })
  })

  test('exports top-level source files, and the same ones when published', () => {
    if (PAGES.has(folder)) return expect(manifest.publishConfig).toBeUndefined()
    if (isExample) return expect(manifest.exports).toEqual(BUILT_ENTRY)
    const published: Record<string, unknown> = {}
    for (const [key, target] of Object.entries(manifest.exports ?? {})) {
      if (!target.endsWith('.ts')) published[key] = target
      else expect(target).toMatch(/^\.\/src\/[^/]+\.ts$/)
      for (const name of target.endsWith('/*.ts')
        ? modulesOf(folder)
        : target.endsWith('.ts')
          ? [target.slice(6, -3)]
          : []) {
        expect(existsSync(join(root, folder, 'src', `${name}.ts`))).toBe(true)
        published[key.replace('*', name)] = { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` }
      }
    }
    expect(manifest.publishConfig?.exports).toEqual(published)
    const bin = Object.entries(manifest.bin ?? {}).map(([name, target]) => [
      name,
      target.replace('./src/', './dist/').replace(/\.ts$/, '.js'),
    ])
    expect(manifest.publishConfig?.bin ?? {}).toEqual(Object.fromEntries(bin))
  })

  test('imports only what it may and declares', () => {
    const problems: string[] = []
    for (const file of files.filter((path) => path.startsWith(`${folder}/`) && /\.[cm]?[jt]sx?$/.test(path))) {
      for (const [, fixed, dynamic] of read(file).matchAll(IMPORT)) {
        const specifier = fixed ?? dynamic ?? ''
        const problem = problemOf(specifier, file)
        if (problem) problems.push(`${file}: ${specifier} ${problem}`)
      }
    }
    expect(problems).toEqual([])
  })

  function problemOf(specifier: string, file: string): string | undefined {
    if (isBuiltin(specifier)) return undefined
    if (specifier.startsWith('.')) {
      const target = relative(join(root, folder), join(root, dirname(file), specifier))
      return target.startsWith(`..${sep}`) ? 'leaves its package' : undefined
    }
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
    if (name === manifest.name) return isExported(specifier) ? undefined : 'is no export'
    if (folderOf.has(name)) {
      if (!allowed.includes(name)) return 'is a package it may not import'
      if (!isExported(specifier)) return 'is no export of that package'
    }
    const declared = [
      ...dependencies,
      ...(isTest(file) || BUNDLED.has(folder) ? Object.keys(manifest.devDependencies ?? {}) : []),
      ...(isTest(file) ? rootDevDependencies : []),
    ]
    return declared.includes(name) ? undefined : 'is not declared'
  }

  function isExported(specifier: string): boolean {
    const [name = ''] = specifier.match(/^(?:@[^/]+\/)?[^/]+/) ?? []
    const path = `.${specifier.slice(name.length)}`
    const owner = folderOf.get(name) ?? folder
    return Object.entries(manifestOf(owner).exports ?? {}).some(([key, target]) => {
      const [head = '', tail] = key.split('*')
      if (tail === undefined) return path === key
      const star = path.slice(head.length, path.length - tail.length)
      return path === `${head}${star}${tail}` && existsSync(join(root, owner, target.replace('*', star)))
    })
  }

  const exported = (isExample ? ['./src/index.ts'] : Object.values(manifest.exports ?? {}))
    .filter((path) => path.endsWith('.ts') && !path.includes('*'))
    .flatMap((entry) => exportedFrom(join(folder, entry)))

  test('documents every function and class it exports', () => {
    expect(exported.filter(isUndocumented).map(({ path, name }) => `${path}: ${name}`)).toEqual([])
  })

  if (folder === 'packages/contracts') {
    // It exports some hundred schemas.
    test('names in its README every module it exports', () => {
      const readme = read(`${folder}/README.md`)
      expect(Object.keys(manifest.exports ?? {}).filter((entry) => !readme.includes(`\`${entry}\``))).toEqual([])
    })
  } else {
    test('names in its README whatever it exports but types', () => {
      const readme = read(`${folder}/README.md`)
      const names = exported.map(({ name }) => name).filter((name) => name !== '' && name !== 'type')
      expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([])
    })
  }

  test('has a README in the one order', () => {
    const headings = read(`${folder}/README.md`).match(/^## .+$/gm) ?? []
    expect(headings.map((heading) => heading.slice(3)).filter((heading) => README_SECTIONS.includes(heading))).toEqual(
      README_SECTIONS,
    )
  })
})

function packageTable(text: string): Readonly<Record<string, readonly string[]>> {
  const [, rows = ''] = /^\| package \| one line \| may import \|\n.*\n((?:\|.*\n)+)/m.exec(text) ?? []
  const cells = rows
    .trim()
    .split('\n')
    .map((row) => row.split(' | '))
  const table = cells.flatMap(([names = '', , imports = '']) => {
    const may = imports.replace(/ \|$/, '')
    return [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => {
      const folder = name.includes('/') ? name : `packages/${name}`
      return [folder, may === 'nothing' ? [] : may.split(', ')] as const
    })
  })
  const everything = table.map(([folder]) => folder.split('/')[1] ?? '')
  return Object.fromEntries(table.map(([folder, may]) => [folder, may[0] === 'everything' ? everything : may]))
}

interface Exported {
  readonly path: string
  readonly name: string
}

/** What an entry exports: names of its own, and those it hands on from other files of the package. */
function exportedFrom(entry: string): Exported[] {
  const handedOn = [...read(entry).matchAll(/^export \{([^}]*)\} from '(\.[^']+)'$/gm)].flatMap(
    ([, names = '', from = '']) =>
      names.split(',').map((name) => ({ path: join(dirname(entry), from), name: name.trim().split(' ')[0] ?? '' })),
  )
  const own = [...read(entry).matchAll(/^export (?:async )?(?:function\*?|class) (\w+)/gm)]
  return [...own.map(([, name = '']) => ({ path: entry, name })), ...handedOn]
}

/** A function or class of that name with no comment in front of it. */
function isUndocumented({ path, name }: Exported): boolean {
  const declared = new RegExp(`^(.*)\n(?:export )?(?:async )?(?:function\\*?|class) ${name}\\b`, 'm').exec(read(path))
  return declared !== null && declared[1]?.endsWith('*/') !== true
}

test('what commands are made of knows no command', () => {
  const callers = /^apps\/runner\/src\/(?:commands|command-line|mcp|watch)\//
  const below = files.filter((path) => /^apps\/runner\/src\/.*\.ts$/.test(path) && !callers.test(path) && !isTest(path))
  expect(below.length).toBeGreaterThan(100)
  expect(below.filter((path) => /from '[^']*\/commands\//.test(read(path)))).toEqual([])
})

test('no committed file holds a path of a developer’s machine', () => {
  const personal = /(?<![\w.@~-])\/(?:home\/[\w.-]+|Users\/[\w.-]+|work)\//
  const found = files.filter((path) => {
    const text = read(path)
    // What is about paths needs paths; this checkout's own is in none of them.
    return text.includes(root + sep) || (!isTest(path) && !ABOUT_PATHS.has(path) && personal.test(text))
  })
  expect(found).toEqual([])
})
