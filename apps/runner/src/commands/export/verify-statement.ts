import { statSync } from 'node:fs'

import type { SourceReader } from '@ctxlock/contracts/ports'
import type { RunStatement, StatedResource } from '@ctxlock/contracts/run-statement'
import { openEnvelope } from '@ctxlock/flight-recorder/export'

import { readStatementKey } from '../../anchors/public-key.ts'
import { CommandError } from '../../command-error.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { createWorkspaceReader } from '../../environment/workspace-reader.ts'
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts'
import { compareStatedFiles, type StatedFile } from '../../export/stated-files.ts'
import { readGivenFile } from './given-file.ts'

const GIVEN = {
  maxBytes: 64 * 1024 * 1024,
  code: 'STATEMENT_UNREADABLE',
  hint: 'Give the file that `ctxlock export statement` wrote.',
}

interface VerifyStatementOptions extends GlobalOptions {
  readonly key: string
  /** A folder to compare the files with that the statement names. */
  readonly files?: string
}

/** `ctxlock verify-statement`: checks the signature of an in-toto statement and shows what it states; needs no workspace. */
export async function verifyStatement(
  [file = '']: readonly string[],
  { output, options }: CommandContext<VerifyStatementOptions>,
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
  const { statement } = opened
  const files = options.files === undefined ? undefined : compareStatedFiles(statement, readerOf(options.files))
  const exit = exitOf(files ?? [])
  output.result({ ok: exit === EXIT_CODE.done, exit, statement, ...(files && { files }) })
  for (const line of [...statementLines(statement), ...fileLines(files)]) output.line(line)
  return exit
}

/** An output that is not what was signed does not verify; a source may have changed since, as for `check`. */
function exitOf(files: readonly StatedFile[]): ExitCode {
  const changed = files.filter(({ state }) => state !== 'same')
  if (changed.some(({ part }) => part === 'came_out')) return EXIT_CODE.verificationFailed
  return changed.length > 0 ? EXIT_CODE.stale : EXIT_CODE.done
}

function readerOf(folder: string): SourceReader {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return createWorkspaceReader(folder)
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'FOLDER_UNREADABLE',
    message: `expected --files as a folder, got ${folder}`,
    hint: 'Give the folder in which the paths of the statement begin.',
  })
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

function fileLines(files: readonly StatedFile[] | undefined): string[] {
  if (!files) return []
  const changed = files.filter(({ state }) => state !== 'same')
  return [
    `files       ${files.length - changed.length} of ${files.length} are what the statement says`,
    ...changed.map(
      ({ path, part, state }) => `${state.replace('_', ' ').padEnd(10)}  ${path} (${part.replace('_', ' ')})`,
    ),
  ]
}

function listed(heading: string, resources: readonly StatedResource[]): string[] {
  return resources.map(
    ({ name, digest }, index) =>
      `${index === 0 ? heading : ' '.repeat(heading.length)}  ${digest?.sha256 ?? 'no hash'.padEnd(64)}  ${name}`,
  )
}
