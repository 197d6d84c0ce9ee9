import type { Extractor } from '@ctxlock/contracts/extractor'

import { GRAMMARS, PARSER, pinOf } from './grammars/grammar-table.ts'
import { lazyExtractor, type Extract } from './lazy-extractor.ts'
import type { LanguageRules } from './tree/language-rules.ts'

/** Changes whenever the walker or a table of rules could read the same tree differently. */
const RULES = '8'

type GrammarName = keyof typeof GRAMMARS

/** Every language of this package. None loads anything before `prepare`. */
export const languageExtractors: readonly Extractor[] = [
  programming('c', /\.c$/i, async () => (await import('./languages/c.ts')).cRules),
  programming(
    'cpp',
    /\.(?:cc|cpp|cxx|c\+\+|hh|hpp|hxx|h\+\+|ipp|inl|tpp)$/i,
    async () => (await import('./languages/cpp.ts')).cppRules,
  ),
  header(),
  programming('csharp', /\.csx?$/i, async () => (await import('./languages/csharp.ts')).csharpRules),
  programming('go', /\.go$/i, async () => (await import('./languages/go.ts')).goRules),
  programming('java', /\.java$/i, async () => (await import('./languages/java.ts')).javaRules),
  programming('kotlin', /\.kts?$/i, async () => (await import('./languages/kotlin.ts')).kotlinRules),
  programming('php', /\.(?:php|phtml|phps)$/i, async () => (await import('./languages/php.ts')).phpRules),
  programming('python', /\.pyi?$/i, async () => (await import('./languages/python.ts')).pythonRules),
  programming(
    'ruby',
    /(?:\.(?:rb|rake|gemspec|ru)|(?:^|\/)(?:Rakefile|Gemfile))$/i,
    async () => (await import('./languages/ruby.ts')).rubyRules,
  ),
  programming('rust', /\.rs$/i, async () => (await import('./languages/rust.ts')).rustRules),
  programming('bash', /\.(?:sh|bash|zsh|ksh|bats)$/i, async () => (await import('./languages/bash.ts')).bashRules),
  programming('swift', /\.swift$/i, async () => (await import('./languages/swift.ts')).swiftRules),
  programming('css', /\.css$/i, async () => (await import('./languages/css.ts')).cssRules),
  programming('toml', /\.toml$/i, async () => (await import('./languages/toml.ts')).tomlRules),
  html(),
  scanned('sql', /\.(?:sql|ddl|pgsql|mysql)$/i, async () => (await import('./sql/sql.ts')).extractSql),
  scanned(
    'restructuredtext',
    /\.(?:rst|rest)$/i,
    async () => (await import('./documents/restructuredtext.ts')).extractRestructuredText,
  ),
  scanned(
    'asciidoc',
    /\.(?:adoc|asciidoc|asc)$/i,
    async () => (await import('./documents/asciidoc.ts')).extractAsciidoc,
  ),
]

function programming(name: GrammarName, endings: RegExp, loadRules: () => Promise<LanguageRules>): Extractor {
  const identity = { name, version: versionOf(name), matches: (path: string) => endings.test(path) }
  return lazyExtractor(identity, async () => {
    const { treeExtraction } = await import('./tree/tree-extractor.ts')
    return treeExtraction(GRAMMARS[name], await loadRules())
  })
}

function versionOf(name: GrammarName): string {
  return `${RULES}+${pinOf(GRAMMARS[name])}+${pinOf(PARSER)}`
}

/** A header says nowhere whether it is C or C++: its words decide. */
function header(): Extractor {
  const version = `${RULES}+${pinOf(GRAMMARS.c)}+${pinOf(GRAMMARS.cpp)}+${pinOf(PARSER)}`
  return lazyExtractor({ name: 'c-header', version, matches: (path) => /\.h$/i.test(path) }, async () => {
    const { treeExtraction } = await import('./tree/tree-extractor.ts')
    const { cRules } = await import('./languages/c.ts')
    const { cppRules, isCplusplus } = await import('./languages/cpp.ts')
    const [c, cpp] = [await treeExtraction(GRAMMARS.c, cRules), await treeExtraction(GRAMMARS.cpp, cppRules)]
    return (text, path) => (isCplusplus(text) ? cpp : c)(text, path)
  })
}

function html(): Extractor {
  const identity = { name: 'html', version: versionOf('html'), matches: (path: string) => /\.x?html?$/i.test(path) }
  return lazyExtractor(identity, async () => {
    const { loadParser } = await import('./tree/tree-extractor.ts')
    const { extractHtml } = await import('./languages/html.ts')
    const parser = await loadParser(GRAMMARS.html)
    return (text) => extractHtml(text, parser)
  })
}

/** A format that a small scanner of ours reads. */
function scanned(name: string, endings: RegExp, load: () => Promise<Extract>): Extractor {
  return lazyExtractor({ name, version: RULES, matches: (path) => endings.test(path) }, load)
}
