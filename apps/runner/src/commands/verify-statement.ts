import type { RunStatement, StatedResource } from '@ctxlock/contracts/run-statement'
import { openEnvelope } from '@ctxlock/flight-recorder/export'

import { readStatementKey } from '../anchors/public-key.ts'
import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { readGivenFile } from './given-file.ts'

const GIVEN = {
  maxBytes: 64 * 1024 * 1024,
  code: 'STATEMENT_UNREADABLE',
  hint: 'Give the file that `ctxlock export statement` wrote.',
}

/** `ctxlock verify-statement`: checks the signature of an in-toto statement and shows what it states; needs no workspace. */
export async function verifyStatement(
  [file = '']: readonly string[],
  { output, options }: CommandContext<GlobalOptions & { readonly key: string }>,
): Promise<number> {
  const opened = openEnvelope(readEnvelope(file), readStatementKey(options.key))
  if (!opened.ok) {
    throw new CommandError({
      exit: EXIT_CODE.verificationFailed,
      code: 'STATEMENT_REFUSED',
      message: `${file} states nothing: ${PROBLEMS[opened.problem]}`,
      hint: 'Ask for the statement and the public key again, each by another way.',
    })
  }
  output.result({ ok: true, exit: EXIT_CODE.done, statement: opened.statement })
  for (const line of statementLines(opened.statement)) output.line(line)
  return EXIT_CODE.done
}

const PROBLEMS = {
  no_envelope: 'it is no DSSE envelope around an in-toto statement',
  not_signed_with_this_key: 'it is not signed with this key, or was changed since',
  no_statement: 'what is signed is no statement about a run of ctxlock',
} as const

/** Undefined for what is no JSON: no envelope is made of it. */
function readEnvelope(file: string): unknown {
  const text = readGivenFile(file, GIVEN).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function statementLines({ subject, predicate: { buildDefinition, runDetails } }: RunStatement): string[] {
  const { invocationId, startedOn, finishedOn } = runDetails.metadata
  return [
    'The statement is signed with this key.',
    `run         ${invocationId} (${buildDefinition.externalParameters.command ?? 'no command'})`,
    `time        ${startedOn} to ${finishedOn ?? 'an end that is not recorded'}`,
    `made with   ${Object.entries(runDetails.builder.version)
      .map((pair) => pair.join(' '))
      .join(', ')}`,
    ...listed('came out  ', subject),
    ...listed('made from ', buildDefinition.resolvedDependencies),
    'Shown: whoever has this key says so. Not shown: that it is so; the evidence bundle of the run (`ctxlock export`) holds the proofs.',
  ]
}

function listed(heading: string, resources: readonly StatedResource[]): string[] {
  return resources.map(
    ({ name, digest }, index) =>
      `${index === 0 ? heading : ' '.repeat(heading.length)}  ${digest?.sha256 ?? 'no hash'.padEnd(64)}  ${name}`,
  )
}
