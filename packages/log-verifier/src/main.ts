#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { judgeBundle } from './bundle.ts'
import { judgeRecord } from './judgement.ts'
import { judgeProof } from './proof.ts'
import { judgeReport } from './report-judgement.ts'
import { reportIn } from './report-page.ts'
import { openStateFolder } from './state-folder.ts'

const USAGE =
  'log-verifier <state folder> [--anchor <file>]... [--key <public key>]\nlog-verifier --proof <file> --key <public key>\nlog-verifier --bundle <file> --key <public key>\nlog-verifier --report <file> [--anchor <file>] [--key <public key>]\nA public key may be given as the file that holds it.'

/** Prints one JSON object; exits with 0 when nothing contradicts the record, 7 when something does, 2 for wrong arguments. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      proof: { type: 'string' },
      bundle: { type: 'string' },
      report: { type: 'string' },
      anchor: { type: 'string', multiple: true },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const [folder] = positionals
  const key = values.key !== undefined && existsSync(values.key) ? readFileSync(values.key, 'utf8') : values.key
  if (values.proof !== undefined && key !== undefined) {
    const judgement = await judgeProof(readFileSync(values.proof, 'utf8'), key)
    console.log(JSON.stringify(judgement))
    return judgement.holds ? 0 : 7
  }
  if (values.report !== undefined) return checkReport(values.report, key, values.anchor?.[0])
  if (values.bundle !== undefined && key !== undefined) {
    const judgement = await judgeBundle(readFileSync(values.bundle), key)
    console.log(JSON.stringify(judgement, null, 2))
    return judgement.holds ? 0 : 7
  }
  if (folder === undefined || values.bundle !== undefined || values.proof !== undefined) {
    console.error(USAGE)
    return 2
  }
  const { record, kept } = openStateFolder(folder)
  const notes = [
    ...(kept === undefined ? [] : [kept]),
    ...(values.anchor ?? []).map((file) => readFileSync(file, 'utf8')),
  ]
  const judgement = await judgeRecord(record, key, notes)
  console.log(JSON.stringify(judgement, null, 2))
  return judgement.verdict === 'broken' ? 7 : 0
}

async function checkReport(path: string, key: string | undefined, anchor: string | undefined): Promise<number> {
  const file = reportIn(readFileSync(path, 'utf8'))
  const known = {
    ...(key !== undefined && { key }),
    ...(anchor !== undefined && { checkpoint: readFileSync(anchor, 'utf8') }),
  }
  if (!file) {
    console.log(JSON.stringify({ verdict: 'broken', problems: ['The file holds no data of a report.'] }))
    return 7
  }
  const { verdict, anchor: compared, problems, runs, events, statement } = await judgeReport(file, known)
  const states = Object.fromEntries(
    [...Map.groupBy(events, ({ state }) => state)].map(([state, alike]) => [state, alike.length]),
  )
  console.log(
    JSON.stringify({ verdict, anchor: compared, problems, runs, events: states, statement: statement.state }, null, 2),
  )
  return verdict === 'broken' ? 7 : 0
}

process.exitCode = await main()
