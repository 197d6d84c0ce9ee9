// What the packed command must do for a stranger: lock a folder with a file for each way of reading, and check it.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** By path: the text, and the extractor that must have read it. A scanner, a YAML parser and a wasm grammar are in the bundle. */
const SOURCES = {
  'store.ts': { text: 'export class Store {\n  size(): number {\n    return 1\n  }\n}\n', extractor: 'ecmascript' },
  'store.yaml': { text: 'server:\n  port: 1\n', extractor: 'yaml' },
  'store.py': { text: 'class Store:\n    def size(self):\n        return 1\n', extractor: 'python' },
}
/** Neither the command nor its threads may open a connection. */
const OFFLINE = `import{Socket}from'node:net';Socket.prototype.connect=()=>{throw new Error('a connection was opened')}`

/** `run(args, env)` runs the command in `folder`, which is made here. Returns what is wrong, in words. */
export function packedCommandProblems(folder, run) {
  mkdirSync(folder)
  for (const [path, { text }] of Object.entries(SOURCES)) writeFileSync(join(folder, path), text)
  const command = (...args) =>
    run(args, { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(OFFLINE)}"` })

  const locked = command('lock', '--json')
  if (locked.status !== 0) return [`lock ended with ${locked.status}: ${locked.text}`]
  const problems = unreadSources(folder)
  const checked = command('check', '--json')
  if (checked.status !== 0) problems.push(`check after lock ended with ${checked.status}: ${checked.text}`)
  appendFileSync(join(folder, 'store.py'), '# changed\n')
  const refused = command('check')
  if (refused.status !== 3 || !refused.text.includes('store.py')) {
    problems.push(`check of a changed store.py ended with ${refused.status}, expected 3 and its name: ${refused.text}`)
  }
  return problems
}

/** Sources whose stored pack does not come from the extractor of their language. */
function unreadSources(folder) {
  const database = new DatabaseSync(join(folder, '.ctxlock', 'state.db'), { readOnly: true })
  try {
    const packs = database.prepare('SELECT CAST(bytes AS TEXT) AS text FROM artifact_object').all()
    const readBy = (path) => packs.find(({ text }) => text?.includes(`"extractor":`) && text.includes(`"file:${path}"`))
    return Object.entries(SOURCES).flatMap(([path, { extractor }]) => {
      const { coverage } = JSON.parse(readBy(path)?.text ?? '{"coverage":{}}')
      if (coverage.extractor?.startsWith(`${extractor}@`) && coverage.fallback_reason === undefined) return []
      return [
        `lock read ${path} with ${coverage.extractor ?? 'nothing'} (${coverage.fallback_reason ?? 'no reason'}), not ${extractor}`,
      ]
    })
  } finally {
    database.close()
  }
}
