#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { judgeBundle } from './bundle.ts'
import { judgeRecord } from './judgement.ts'
import { judgeProof } from './proof.ts'
import { judgeReport } from './report-judgement.ts'
import { reportIn } from './report-page.ts'

const USAGE = `log-verifier <state folder> [--anchor <file>]... [--key <public key>]
log-verifier --proof <file> --key <public key>
log-verifier --bundle <file> --key <public key>
log-verifier --report <file> [--anchor <file>] [--key <public key>]
A public key may be given as the file that holds it.`

const HOLDS = 0
const UNUSABLE = 2
const CONTRADICTED = 7

/** Prints one JSON object; exits with 0 when nothing contradicts the record, 7 when something does, 2 for arguments and files that are none. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      proof: { type: 'string' },
      bundle: { type: 'string' },
      report: { type: 'string' },
      anchor: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean' },
    },
  })
  const { proof, bundle, report, anchor, help } = values
  const [folder] = positionals
  if (help) {
    console.log(USAGE)
    return HOLDS
  }
  const key = values.key !== undefined && existsSync(values.key) ? readFileSync(values.key, 'utf8') : values.key
  if (proof !== undefined && key !== undefined) return told(await judgeProof(readFileSync(proof, 'utf8'), key))
  if (bundle !== undefined && key !== undefined) return told(await judgeBundle(readFileSync(bundle), key))
  if (report !== undefined) return checkReport(report, key, anchor[0])
  if (folder !== undefined && bundle === undefined && proof === undefined) return checkFolder(folder, key, anchor)
  console.error(USAGE)
  return UNUSABLE
}

function told(judgement: { readonly holds: boolean }): number {
  console.log(JSON.stringify(judgement, null, 2))
  return judgement.holds ? HOLDS : CONTRADICTED
}

async function checkFolder(folder: string, key: string | undefined, anchors: readonly string[]): Promise<number> {
  // A Node without SQLite checks files all the same, and says of a folder what it lacks.
  const { openStateFolder } = await import('./state-folder.ts')
  const { record, kept } = openStateFolder(folder)
  const notes = [...(kept === undefined ? [] : [kept]), ...anchors.map((file) => readFileSync(file, 'utf8'))]
  const judgement = await judgeRecord(record, key, notes)
  console.log(JSON.stringify(judgement, null, 2))
  return judgement.verdict === 'broken' ? CONTRADICTED : HOLDS
}

async function checkReport(path: string, key: string | undefined, anchor: string | undefined): Promise<number> {
  const file = reportIn(readFileSync(path, 'utf8'))
  const known = {
    ...(key !== undefined && { key }),
    ...(anchor !== undefined && { checkpoint: readFileSync(anchor, 'utf8') }),
  }
  if (!file) {
    console.log(JSON.stringify({ verdict: 'broken', problems: ['The file holds no data of a report.'] }))
    return CONTRADICTED
  }
  const { verdict, anchor: compared, problems, runs, events, statement } = await judgeReport(file, known)
  const states = Object.fromEntries(
    [...Map.groupBy(events, ({ state }) => state)].map(([state, alike]) => [state, alike.length]),
  )
  console.log(
    JSON.stringify({ verdict, anchor: compared, problems, runs, events: states, statement: statement.state }, null, 2),
  )
  return verdict === 'broken' ? CONTRADICTED : HOLDS
}

try {
  process.exitCode = await main()
} catch (error) {
  // A key or a file that is none; what was checked before is not believed either.
  console.error(`log-verifier: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  process.exitCode = UNUSABLE
}
