/** A wasm file and where it comes from. */
export interface PinnedFile {
  /** The npm package that holds it. */
  readonly package: string
  readonly version: string
  /** Its path inside that package. */
  readonly file: string
  readonly sha256: string
}

/** The parser itself: a runtime dependency, because its JavaScript half and its wasm half belong together. */
export const PARSER: PinnedFile = {
  package: 'web-tree-sitter',
  version: '0.27.1',
  file: 'web-tree-sitter.wasm',
  sha256: 'beca80e44cccbf2299ed4d1e3fa6462a9a6fe818aeebf847547a392227ce4acc',
}

/** The grammars, from the packages of their authors; the authors of Swift's publish no wasm. */
export const GRAMMARS = {
  bash: {
    package: 'tree-sitter-bash',
    version: '0.25.1',
    file: 'tree-sitter-bash.wasm',
    sha256: '8292919c88a0f7d3fb31d0cd0253ca5a9531bc1ede82b0537f2c63dd8abe6a7a',
  },
  c: {
    package: 'tree-sitter-c',
    version: '0.24.1',
    file: 'tree-sitter-c.wasm',
    sha256: 'c852c2a85ebf2beb636aa3b0ef7f7e70458684d74f6741b20dcb296885bed9f9',
  },
  cpp: {
    package: 'tree-sitter-cpp',
    version: '0.23.4',
    file: 'tree-sitter-cpp.wasm',
    sha256: '174eb0deb75b2ec7881bcacda9f995648d8e683956e5c2267e69ab6dc503fcbf',
  },
  csharp: {
    package: 'tree-sitter-c-sharp',
    version: '0.23.5',
    file: 'tree-sitter-c_sharp.wasm',
    sha256: '6f69e1cae44e1c32c1eccc170dc5a9778fb94ff716f71113fe1f8c4299aa2f40',
  },
  css: {
    package: 'tree-sitter-css',
    version: '0.25.0',
    file: 'tree-sitter-css.wasm',
    sha256: '8a23977fe271357cce6f254ef88c9bebf3854602d8046605aef6a45c02135c59',
  },
  go: {
    package: 'tree-sitter-go',
    version: '0.25.0',
    file: 'tree-sitter-go.wasm',
    sha256: '9504573f352b20be7f2f1911754d710622aedc15afff16d5ed8fb5645681aee7',
  },
  html: {
    package: 'tree-sitter-html',
    version: '0.23.2',
    file: 'tree-sitter-html.wasm',
    sha256: 'c48fcd82c7ea8bf943180088ba7f28c48b2bb5287874179168bf9d31e394cf85',
  },
  java: {
    package: 'tree-sitter-java',
    version: '0.23.5',
    file: 'tree-sitter-java.wasm',
    sha256: '4fdeac4ca6ca089f06c6f7e562abcac1733cd465728cc7031ebb73c2019122c4',
  },
  kotlin: {
    package: '@tree-sitter-grammars/tree-sitter-kotlin',
    version: '1.1.0',
    file: 'tree-sitter-kotlin.wasm',
    sha256: '7009d69453bc8735e438b2818a633efb21c88f99782769abba60dffedfab73f7',
  },
  php: {
    package: 'tree-sitter-php',
    version: '0.24.2',
    file: 'tree-sitter-php.wasm',
    sha256: 'd4df6a6ff08c87c3ec4f9cbb785fe09998a0cb570e03f57d7b19b3acfb146aa7',
  },
  python: {
    package: 'tree-sitter-python',
    version: '0.25.0',
    file: 'tree-sitter-python.wasm',
    sha256: '16108b50df4ee9a30168794252ab55e7c93bfc5765d7fa0aa3e335752c515f47',
  },
  ruby: {
    package: 'tree-sitter-ruby',
    version: '0.23.1',
    file: 'tree-sitter-ruby.wasm',
    sha256: '09a96427d7c72f0613ed470cd9812223fc4a91d6a9c025c0235cc6bd59ff96f4',
  },
  rust: {
    package: 'tree-sitter-rust',
    version: '0.24.0',
    file: 'tree-sitter-rust.wasm',
    sha256: 'f65f354215611fd94ad34134b3427eb3d58cbb745df7b6509ba722184db73d57',
  },
  swift: {
    package: '@repomix/tree-sitter-wasms',
    version: '0.1.17',
    file: 'out/tree-sitter-swift.wasm',
    sha256: 'd084eceba50e9a83319f5d171051b53179bd22b6ea6419014900c602d52cfa28',
  },
  toml: {
    package: '@tree-sitter-grammars/tree-sitter-toml',
    version: '0.7.0',
    file: 'tree-sitter-toml.wasm',
    sha256: '1ac6a83826c35a68857f8325e00c78f6bcbef4eb6db3931a6cf3041f76e5e09f',
  },
} as const satisfies Readonly<Record<string, PinnedFile>>

/** `name-version-hash`: what a pack depends on, for the version of an extractor. */
export function pinOf({ package: name, version, sha256 }: PinnedFile): string {
  return `${name.slice(name.lastIndexOf('/') + 1)}-${version}-${sha256.slice(0, 16)}`
}
