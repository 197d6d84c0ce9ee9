import type { SourceClass } from '@ctxlock/contracts/config'

const LOCK_FILES = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'Cargo.lock',
  'go.sum',
  'go.work.sum',
  'poetry.lock',
  'pdm.lock',
  'uv.lock',
  'pixi.lock',
  'Pipfile.lock',
  'composer.lock',
  'Gemfile.lock',
  'gems.locked',
  'mix.lock',
  'rebar.lock',
  'pubspec.lock',
  'Podfile.lock',
  'Cartfile.resolved',
  'Package.resolved',
  'packages.lock.json',
  'paket.lock',
  'conan.lock',
  'flake.lock',
  'Chart.lock',
  'stack.yaml.lock',
  'cabal.project.freeze',
  'gradle.lockfile',
  'buildscript-gradle.lockfile',
  'MODULE.bazel.lock',
  '.terraform.lock.hcl',
])

const VENDORED = new RegExp(
  [
    // Folders package managers and people copy other people's code into, at any depth.
    '(?:^|/)(?:node_modules|bower_components|jspm_packages|site-packages|\\.?venv|elm-stuff|Godeps|Pods|Carthage)/',
    '(?:^|/)(?:[Vv]endor|_vendor|vendored|_vendored|(?:3rd|[Tt]hird)[-_]?[Pp]arty)/',
    '(?:^|/)\\.yarn/(?:cache|patches|plugins|releases|sdks|unplugged)/',
    '^deps/',
    // Wrappers a build tool writes into the repository.
    '(?:^|/)gradle/wrapper/',
    '(?:^|/)(?:gradlew|mvnw)(?:\\.bat|\\.cmd)?$',
  ].join('|'),
)

const GENERATED = new RegExp(
  [
    // protoc and its plugins
    '(?:\\.pb\\.(?:go|gw\\.go|cc|h|swift|dart|rs|ts|js|d\\.ts)|_pb2(?:_grpc)?\\.pyi?|_pb\\.(?:js|d\\.ts|ts|rb)|_grpc\\.pb\\.go)$',
    // .NET, Dart, Kubernetes
    '\\.(?:g|g\\.i|[Dd]esigner)\\.(?:cs|vb)$|\\.(?:g|freezed|gr)\\.dart$|(?:^|/)zz_generated\\.[^/]*$',
    '\\.(?:gen|generated)\\.[a-z]{1,8}$|(?:^|/)__generated__/',
    // Written by test runners
    '(?:^|/)__snapshots__/|\\.snap$',
    '(?:^|/)\\.pnp\\.(?:cjs|loader\\.mjs)$',
  ].join('|'),
)

// Build output that was committed. Two patterns: one with `.*` between them takes quadratic time over hostile paths.
const BUILD_FOLDER = /(?:^|\/)dist\//
const BUILD_FILE = /\.(?:[cm]?js|d\.[cm]?ts|css|wasm)$/

const MINIFIED = /[.-]min\.(?:[cm]?js|css)$|\.(?:[cm]?js|css|d\.[cm]?ts)\.map$/

const RULES: readonly (readonly [SourceClass, (path: string) => boolean])[] = [
  ['lock_file', (path) => LOCK_FILES.has(path.slice(path.lastIndexOf('/') + 1))],
  ['vendored', (path) => VENDORED.test(path)],
  ['generated', (path) => GENERATED.test(path) || (BUILD_FILE.test(path) && BUILD_FOLDER.test(path))],
  ['minified', (path) => MINIFIED.test(path)],
]

const NONE: ReadonlySet<string> = new Set()

/**
 * Says by its name why a file is nobody's handwriting here, or undefined. Needs no read: ask before opening the file.
 * `path` is relative to the workspace; classes in `keep` are not looked for. The first that applies is named: lock_file,
 * vendored, generated, minified. What the name does not tell, `contentExclusion` may.
 */
export function pathExclusion(path: string, keep: ReadonlySet<string> = NONE): SourceClass | undefined {
  return RULES.find(([sourceClass, applies]) => !keep.has(sourceClass) && applies(path))?.[0]
}
