import { ValidatorError } from '@ctxlock/ace-validators'
import { ArtifactError } from '@ctxlock/artifact-store'
import { CompileError } from '@ctxlock/context-compiler'
import { PackError } from '@ctxlock/context-pack'
import { CanonError } from '@ctxlock/core-hash'
import { EngineError } from '@ctxlock/contracts/engine'
import { ProviderError } from '@ctxlock/contracts/provider'
import { RecorderError } from '@ctxlock/flight-recorder'
import { FreshnessError } from '@ctxlock/freshness-guard'
import { GovernanceError } from '@ctxlock/governance'
import { MicroTaskError } from '@ctxlock/micro-task'
import { PluginError } from '@ctxlock/plugin-api'

import { CommandError } from '../command-error.ts'
import { diskHint } from '../environment/disk-hint.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { damagedState, isDamagedDatabase } from '../workspace/damaged-state.ts'
import { BUG, type Advice } from './advice.ts'
import {
  ARTIFACT_ADVICE,
  CONTEXT_ADVICE,
  ENGINE_ADVICE,
  GOVERNANCE_ADVICE,
  MICRO_TASK_ADVICE,
  PACK_ADVICE,
  RECORDER_ADVICE,
  VALIDATOR_ADVICE,
} from './package-advice.ts'

/** Gives every error that can reach the command line its exit code and what to do next. */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error
  if (isDamagedDatabase(error)) return damagedState(error)
  if (error instanceof ProviderError) return advised(error, ofProvider(error))
  if (error instanceof CompileError || error instanceof FreshnessError)
    return advised(error, CONTEXT_ADVICE[error.code])
  if (error instanceof ValidatorError) return advised(error, VALIDATOR_ADVICE[error.code])
  if (error instanceof PackError) return advised(error, PACK_ADVICE[error.code])
  if (error instanceof GovernanceError) return advised(error, GOVERNANCE_ADVICE[error.code])
  if (error instanceof PluginError) return advised(error, CORRECT_OPTIONS)
  if (error instanceof MicroTaskError) return advised(error, MICRO_TASK_ADVICE[error.code])
  if (error instanceof EngineError) return advised(error, ENGINE_ADVICE[error.code])
  if (error instanceof ArtifactError) return advised(error, ofStore(error, ARTIFACT_ADVICE[error.code]))
  if (error instanceof RecorderError) return advised(error, ofStore(error, RECORDER_ADVICE[error.code]))
  if (error instanceof CanonError) return advised(error, CORRECT_UNICODE)
  return fromMachine(error)
}

const CORRECT_OPTIONS: Advice = {
  exit: EXIT_CODE.usage,
  hint: 'Correct the `options` of the provider in the config.',
}

const CORRECT_UNICODE: Advice = {
  exit: EXIT_CODE.usage,
  hint: 'A text in the command line, the config or the task file is not valid Unicode.',
}

function ofProvider(error: ProviderError): Advice {
  switch (error.code) {
    case 'aborted':
      return {
        exit: EXIT_CODE.cancelled,
        hint: 'The call was recorded as cancelled; a task goes on with `ctxlock resume last`.',
      }
    case 'ssrf_blocked':
    case 'redirect_blocked':
    case 'permission':
      return {
        exit: EXIT_CODE.refused,
        hint: 'Check `base_url`, `declared_tier` and `network` of the provider in the config.',
      }
    case 'invalid_config':
      return {
        exit: EXIT_CODE.usage,
        hint: 'Check the provider in the config, and the environment variable its `secret_ref` names.',
      }
    default:
      return {
        exit: EXIT_CODE.provider,
        hint: error.retryable ? 'Try again, or look at `ctxlock providers`.' : 'Look at `ctxlock providers`.',
      }
  }
}

/** A disk that is full or failed explains why a store could not write. */
function ofStore(error: Error, advice: Advice): Advice {
  const hint = advice.exit === EXIT_CODE.failed ? diskHint(error) : undefined
  return hint === undefined ? advice : { ...advice, hint }
}

const FREE = 'Free space or allow writing; what was recorded before is still readable.'

/** What to do about what a disk refused, where `diskHint` has nothing to say. */
const DISK_ADVICE: ReadonlyMap<string, string> = new Map([
  ...['ENOSPC', 'EDQUOT', 'EIO', 'EINTR', 'ERR_SQLITE_ERROR'].map((code): [string, string] => [code, FREE]),
  ['EROFS', 'Allow writing; what was recorded before is still readable.'],
  ['EISDIR', 'A folder stands where a file is expected: move it away or give another path.'],
  ['EEXIST', 'A file stands where a folder is expected: move it away.'],
  ['ENOTDIR', 'A file stands where a folder is expected: move it away or give another path.'],
  ['ENAMETOOLONG', 'The path is too long for this disk: give a shorter one.'],
  ['ELOOP', 'A link on the path leads to itself: correct it or give another path.'],
  ['EMFILE', 'Too many files are open: close other programs or raise the limit, then run the command again.'],
  ['ENOENT', 'It was there, or is expected to be: put it back, then run the command again.'],
])
const REFUSED: ReadonlySet<string> = new Set(['EACCES', 'EPERM'])
/** System calls that only look. */
const READS: ReadonlySet<unknown> = new Set([
  'access',
  'lstat',
  'opendir',
  'read',
  'readlink',
  'realpath',
  'scandir',
  'stat',
])

function diskAdvice(code: string, error: unknown): string | undefined {
  if (!REFUSED.has(code)) return DISK_ADVICE.get(code)
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined
  const wanted = READS.has(syscall) ? 'reading' : syscall === 'open' ? 'reading and writing' : 'writing'
  return `Allow ${wanted}; what was recorded before is still there.`
}

function fromMachine(error: unknown): CommandError {
  const code = errorCode(error)
  const message = error instanceof Error ? error.message : 'unknown failure'
  const failed = (what: string, hint: string) =>
    new CommandError(
      { exit: EXIT_CODE.failed, code: code === '' ? 'INTERNAL' : code, message: onOneLine(what), hint },
      { cause: error },
    )
  // By code: it may come from a thread, where an error loses its class.
  if (code === 'GRAMMAR_MISSING' || code === 'GRAMMAR_CHANGED')
    return failed(message, 'A file of ctxlock itself is missing or was changed: install it again.')
  const advice = diskAdvice(code, error)
  if (advice !== undefined) return failed(`the disk refused: ${message}`, diskHint(error) ?? advice)
  return failed(`ctxlock failed: ${message}`, diskHint(error) ?? BUG.hint)
}

function advised(error: Error & { readonly code: string }, { exit, hint }: Advice): CommandError {
  return new CommandError({ exit, code: error.code, message: onOneLine(error.message), hint }, { cause: error })
}

/** Packages list several problems one below the other. */
function onOneLine(message: string): string {
  return message.replace(/:\n- /, ': ').replaceAll('\n- ', '; ').replaceAll('\n', ' ')
}
