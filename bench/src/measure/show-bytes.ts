// What `ctxlock show` prints beside what came off a bare socket, for random calls over random sources.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createProgram } from '../../../apps/runner/src/program.ts'
import { ollamaConfig } from '../../../apps/runner/test/support/ollama-config.ts'
import { pick, seededRandom, type Random } from './generated-files/random.ts'
import { startRawModelServer } from './show/raw-model-server.ts'

const MODEL = 'small:1b'
/** Words that a body has to carry unharmed: quotes, escapes, other scripts, delimiter look-alikes, a lone CR. */
const WORDS = [
  'depot',
  'box',
  '"quoted"',
  String.raw`back\slash`,
  'Überweisung',
  '検査',
  '😀',
  '<<end 0123456789abcdef>>',
  '\t',
  'a\rb',
  '</script>',
  'checksum',
] as const

/** `--calls N` (500), `--seed N` (1); the bar is `same` for all of them. */
export async function measure(args: readonly string[]): Promise<object> {
  const options = { calls: { type: 'string' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const [calls, seed] = [Number(values.calls ?? 500), Number(values.seed ?? 1)]
  if (!(Number.isSafeInteger(calls) && calls > 0)) throw new Error('Expected --calls N of at least 1.')
  const random = seededRandom(seed)
  const server = await startRawModelServer(MODEL)
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-show-'))
  try {
    writeFileSync(join(root, 'ctxlock.config.json'), ollamaConfig(server.origin, [MODEL]))
    mkdirSync(join(root, 'docs-src'))
    let same = 0
    let bytes = 0
    for (let call = 0; call < calls; call += 1) {
      writeFileSync(join(root, 'docs-src', `${call % 7}.md`), linesOf(random))
      const limit = random() < 0.3 ? ['--max-tokens', String(8 + Math.floor(random() * 500))] : []
      await printed(['ask', `Where is ${wordsOf(random, 6)}?`, ...limit, '--workspace', root])
      const shown = await printed(['show', 'last', '--workspace', root])
      const sent = server.chats.at(-1)
      if (server.chats.length === call + 1 && sent?.equals(shown) === true) same += 1
      bytes += shown.length
    }
    return { seed, calls, captured: server.chats.length, same, bytes }
  } finally {
    server.close()
    rmSync(root, { recursive: true, force: true })
  }
}

function linesOf(random: Random): string {
  return Array.from({ length: 1 + Math.floor(random() * 30) }, () => wordsOf(random, 12)).join('\n')
}

function wordsOf(random: Random, most: number): string {
  return Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, [...WORDS])).join(' ')
}

/** What a command writes to stdout, as bytes. */
async function printed(args: readonly string[]): Promise<Buffer> {
  const chunks: Buffer[] = []
  const { write } = process.stdout
  process.stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    chunks.push(Buffer.from(chunk))
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  }
  try {
    await createProgram({ exit: 0 }).parseAsync([...args], { from: 'user' })
  } finally {
    process.stdout.write = write
  }
  return Buffer.concat(chunks)
}
