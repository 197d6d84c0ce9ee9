// `node scripts/check-in-chromium.ts [chromium]`: the vectors through the browser entry in a real browser, headless, against
// the Node entry here. The pages and modules are served from this folder on loopback; nothing is bundled.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { promisify } from 'node:util'

import * as nodeEntry from '../src/index.ts'
import { vectorFiles } from '../test/vector-files.ts'
import { vectorResults } from '../test/vector-results.ts'

const PACKAGE = new URL('..', import.meta.url)
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "@noble/hashes/": "/node_modules/@noble/hashes/" } }</script>
<script type="module">
  import * as entry from '/src/browser.ts'
  import { vectorResults } from '/test/vector-results.ts'
  const files = ${JSON.stringify(vectorFiles).replaceAll('<', '\\u003c')}
  document.body.textContent = encodeURIComponent(JSON.stringify(vectorResults(entry, files)))
</script><body></body>`

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  if (path === '/') {
    response.setHeader('content-type', 'text/html').end(PAGE)
    return
  }
  const code = readFileSync(new URL(`.${path}`, PACKAGE), 'utf8')
  response.setHeader('content-type', 'text/javascript').end(path.endsWith('.ts') ? stripTypeScriptTypes(code) : code)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
try {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=20000', '--dump-dom']
  const browser = process.argv[2] ?? 'chromium'
  const { stdout } = await promisify(execFile)(browser, [...flags, `http://127.0.0.1:${port}/`], { maxBuffer: 1 << 26 })
  const body = /<body>([^<]+)<\/body>/.exec(stdout)?.[1]
  if (body === undefined) throw new Error('Expected the page to show its results.')
  const found: unknown = JSON.parse(decodeURIComponent(body.trim()))
  const expected = vectorResults(nodeEntry, vectorFiles)
  const differing = expected.filter((line, index) => !Array.isArray(found) || found[index] !== line).length
  console.log(JSON.stringify({ vectors: expected.length, differing }))
  if (differing > 0) process.exitCode = 1
} finally {
  server.close()
}
