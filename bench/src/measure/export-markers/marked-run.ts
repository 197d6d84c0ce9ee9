import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createProgram } from '../../../../apps/runner/src/program.ts'
import { ollamaConfig } from '../../../../apps/runner/test/support/ollama-config.ts'
import { startMarkedServer } from './marked-server.ts'
import { shows } from './shows.ts'

const MODEL = 'small:1b'

export interface MarkedRun {
  /** Where the marker showed: a redacted bundle, or spans of a convention. */
  readonly hits: readonly string[]
  /** Whether a bundle without redaction shows it: else nothing was looked for. */
  readonly control: boolean
}

/** One call with the marker in question, source, path, rule and reply (or the error), and everything it is exported as. */
export async function markedRun(marker: string, fails: boolean, conventions: readonly string[]): Promise<MarkedRun> {
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-markers-'))
  const server = await startMarkedServer(
    MODEL,
    () => marker,
    () => fails,
  )
  try {
    mkdirSync(join(root, `docs-${marker}`))
    writeFileSync(join(root, `docs-${marker}`, `${marker}.md`), `# Depot\n\nThe box ${marker} stands in the depot.\n`)
    writeFileSync(join(root, 'AGENTS.md'), `# Rules\n\n- An answer MUST name the box ${marker}.\n`)
    const config = { ...JSON.parse(ollamaConfig(server.origin, [MODEL])), rules: { files: ['AGENTS.md'] } }
    writeFileSync(join(root, 'ctxlock.config.json'), JSON.stringify(config))
    await quietly(['ask', `Where does the box ${marker} stand?`, '--workspace', root])

    const hits: string[] = []
    const bundle = async (redact: string) => {
      const file = join(root, `${redact}.jsonl`)
      await quietly(['export', 'last', '--redact', redact, '--output', file, '--workspace', root])
      return readFileSync(file)
    }
    for (const redact of ['names', 'all']) if (shows(await bundle(redact), marker)) hits.push(`bundle ${redact}`)
    for (const convention of conventions) {
      server.traces.length = 0
      const to = ['--endpoint', server.origin, '--convention', convention]
      await quietly(['export', 'otlp', ...to, '--workspace', root])
      if (server.traces.length === 0) throw new Error(`Expected spans of ${convention}.`)
      if (shows(Buffer.concat(server.traces), marker)) hits.push(convention)
    }
    return { hits, control: shows(await bundle('none'), marker) }
  } finally {
    server.close()
    rmSync(root, { recursive: true, force: true })
  }
}

/** Runs a command; what it prints, and that a call may fail, is not what is measured. */
async function quietly(args: readonly string[]): Promise<void> {
  const { write } = process.stdout
  process.stdout.write = () => true
  try {
    await createProgram({ exit: 0 }).parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (args[0] === 'export') throw error
  } finally {
    process.stdout.write = write
  }
}
