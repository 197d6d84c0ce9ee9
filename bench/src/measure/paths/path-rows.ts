import { readFileSync } from 'node:fs'

import { z } from 'zod'

/** A text with the absolute paths in it, as UTF-16 units; none in one that only looks as if it had some. */
const PathRow = z.object({
  id: z.string(),
  kind: z.string(),
  text: z.string(),
  paths: z.array(z.object({ start: z.int(), end: z.int() })),
  /** People would not agree whether it gives anything away. */
  contested: z.boolean().optional(),
})
export type PathRow = z.infer<typeof PathRow>

/** JSON lines. */
export function readPathRows(path: string): PathRow[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => PathRow.parse(JSON.parse(line)))
}

const PATHS: Readonly<Record<string, string>> = {
  home: '/home/ilja/work/app/src/index.ts',
  users: '/Users/ana/Projects/app/README.md',
  root: '/root/.config/app.json',
  var: '/var/lib/app/data/state.db',
  tmp: '/tmp/build-1/out.log',
  opt: '/opt/app/bin/start',
  backslashes: String.raw`C:\Users\ana\app\src\a.ts`,
  'forward slashes': 'D:/work/app/src/a.ts',
  share: String.raw`\\server\share\plans\q3.docx`,
  'file URL': 'file:///home/ilja/work/app/a.ts',
  tilde: '~/.ssh/id_ed25519',
  variable: '$HOME/.cache/app/x',
  'Windows variable': String.raw`%LOCALAPPDATA%\app\x.log`,
  'other variable': '${XDG_CACHE_HOME}/app/x',
  'drive alone': 'C:\\',
  'long path': String.raw`\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\x`,
  programs: String.raw`C:\Program Files (x86)\App\bin\app.exe`,
  'Git for Windows': '/c/Users/ana/app/a.ts',
  'mounted drive': '/d/work/app/a.ts',
  spaces: '/Users/ana/my own project/src/a.ts',
  letters: '/home/łukasz/Ünïcode/索引/a.ts',
}
const SURROUNDINGS: readonly (readonly [string, string])[] = [
  ['reading ', ' failed'],
  ['see `', '` for details'],
  ['{"path":"', '"}'],
  ['open(', ')'],
  ['--config=', ' --verbose'],
  ['    at run (', ':10:5)'],
  ['- source: ', '\n  hash: abc'],
  ["error: cannot open '", "'"],
  ['cwd=', ''],
  ['\u001b[31m', '\u001b[0m: not found'],
]
const OTHERS: readonly string[] = [
  'GET /v1/chat/completions',
  'the /health endpoint of https://example.com/home/page',
  'either/or, 3/4 of them, and/or both',
  'import x from "./home/index.ts"',
  'docs/home/intro.md and ../var/x',
  '@scope/package/tmp',
  'a/b/c:12',
  '<a href="/docs/intro">x</a>',
  'application/json; s3://bucket/home/data',
  '/^[a-z]+$/i.test(x)',
  String.raw`"Q:\nA" + "a:\n"`,
  '{a:/x/} s:/a/b/ x?y:/re/g',
  String.raw`App\Models\User and DOMAIN\user`,
  String.raw`\\bword\\b \d+\s*`,
  'npm:@scope/name@1 and origin/main',
  '~5 minutes, HEAD~1, ~>2.0',
  '//div[@class="x"]/a of /html/body',
  '/**/test/* and *.log',
  'cmd /c dir, net use /delete',
  'C:D ratio, std::vector<int>, note C: see below',
]

/** Every kind of path in every surrounding, and texts with slashes that are no paths. */
export function generatedPathRows(): PathRow[] {
  const paths = Object.entries(PATHS).flatMap(([kind, path]) =>
    SURROUNDINGS.map(([before, after], index) => ({
      id: `${kind} ${index}`,
      kind,
      // In JSON a backslash is written twice.
      ...placed(before, before.endsWith('"') ? path.replaceAll('\\', '\\\\') : path, after),
    })),
  )
  return [...paths, ...OTHERS.map((text, index) => ({ id: `other ${index}`, kind: 'other', text, paths: [] }))]
}

function placed(before: string, path: string, after: string): Pick<PathRow, 'text' | 'paths'> {
  return { text: before + path + after, paths: [{ start: before.length, end: before.length + path.length }] }
}
