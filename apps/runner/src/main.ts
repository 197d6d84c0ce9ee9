#!/usr/bin/env node
import { nodeRefusal } from './node-refusal.ts'

const args = process.argv.slice(2)
const refusal = nodeRefusal(process.versions.node)
if (refusal === undefined) process.exitCode = (await quickly()) ?? (await (await import('./cli.ts')).runCli(args))
else {
  process.stderr.write(refusal)
  process.exitCode = 1
}

/** Imported only for the commands it is for: everything that is loaded is waited for. */
async function quickly(): Promise<number | undefined> {
  if (args[0] !== 'check' && args[0] !== 'lock') return undefined
  return (await import('./remembered/quick-command.ts')).quickCommand(args)
}
