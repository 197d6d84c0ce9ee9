import { describe, expect, test } from 'vitest'

import { pathExclusion } from './path-exclusion.ts'

describe('pathExclusion', () => {
  test.each([
    ['package-lock.json', 'lock_file'],
    ['packages/app/yarn.lock', 'lock_file'],
    ['Cargo.lock', 'lock_file'],
    ['go.sum', 'lock_file'],
    ['node_modules/left/index.js', 'vendored'],
    ['app/node_modules/left/yarn.lock', 'lock_file'],
    ['vendor/github.com/left/pad.go', 'vendored'],
    ['src/pip/_vendor/left.py', 'vendored'],
    ['base/third_party/zlib/zlib.c', 'vendored'],
    ['deps/lua/lua.c', 'vendored'],
    ['.yarn/releases/yarn-4.cjs', 'vendored'],
    ['gradlew', 'vendored'],
    ['api/depot.pb.go', 'generated'],
    ['api/depot_pb2.py', 'generated'],
    ['Model/Depot.g.cs', 'generated'],
    ['Forms/Main.Designer.cs', 'generated'],
    ['src/routeTree.gen.ts', 'generated'],
    ['src/__generated__/schema.ts', 'generated'],
    ['src/__snapshots__/depot.test.ts.snap', 'generated'],
    ['action/dist/index.js', 'generated'],
    ['docs/js/jquery.min.js', 'minified'],
    ['assets/site.css.map', 'minified'],
  ])('%s is left out as %s', (path, reason) => {
    expect(pathExclusion(path)).toBe(reason)
  })

  test.each([
    'src/lock.ts',
    'src/vendor.ts',
    'src/vendors/list.ts',
    'src/deps/graph.ts',
    'package.json',
    'Cargo.toml',
    'src/dist.ts',
    'dist/README.md',
    'src/generated-by.ts',
    'src/minimum.js',
    'src/admin.js',
    'world.map',
    'src/Vendor\u017Fe/x.ts',
    '',
  ])('%j is somebody’s work', (path) => {
    expect(pathExclusion(path)).toBeUndefined()
  })

  test('a kept class is not looked for, others of the same path are', () => {
    expect(pathExclusion('vendor/a.min.js', new Set(['vendored']))).toBe('minified')
    expect(pathExclusion('vendor/a.min.js', new Set(['vendored', 'minified']))).toBeUndefined()
  })

  test('a hostile path of a megabyte is answered at once', () => {
    const start = process.threadCpuUsage()
    for (const unit of ['a/', 'dist/', '.min', 'vendor', '.pb.', '__snapshots__']) {
      pathExclusion(unit.repeat(1_000_000 / unit.length))
    }
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(2000)
  })
})
