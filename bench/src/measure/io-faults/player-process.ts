// Plays command lines, as a line of JSON on stdin asks for them, one after the other, and says in a line on stdout what became of each.
import { readdirSync, readlinkSync } from 'node:fs'
import { createInterface } from 'node:readline'

import { runCli } from '../../../../apps/runner/src/cli.ts'
import { asCommandError } from '../../../../apps/runner/src/failure/failure.ts'
import { recordEvents } from './record-events.ts'
import { RECORD } from './stages.ts'

const answer = process.stdout.write.bind(process.stdout)

for await (const line of createInterface({ input: process.stdin })) {
  const { folder, workspace, commands } = JSON.parse(line)
  process.chdir(workspace)
  const outcomes = []
  for (const command of commands) outcomes.push(await played(command))
  answer(`${JSON.stringify({ outcomes, open: openFilesBelow(folder) })}\n`)
}

async function played(args: readonly string[]) {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].removeAllListeners('error')
    process[name].write = (chunk: string | Uint8Array) => {
      said[name] += String(chunk)
      return true
    }
  }
  const code = args[0] === RECORD ? await recorded() : await runCli(args)
  return { code, ...said }
}

async function recorded(): Promise<number> {
  try {
    await recordEvents(process.cwd(), (line) => process.stdout.write(line))
    return 0
  } catch (error) {
    const { exit, message, hint } = asCommandError(error)
    process.stderr.write(`error: ${message}\n  ${hint}\n`)
    return exit
  }
}

/** What a process leaves open is given free when it ends; one that goes on to play would hold it. */
function openFilesBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`)
      return path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : []
    } catch {
      return []
    }
  })
}
