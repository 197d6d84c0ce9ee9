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

import { CommandError } from './command-error.ts'
import { diskHint } from './environment/disk-hint.ts'
import { errorCode } from './environment/workspace-reader.ts'
import { EXIT_CODE, type ExitCode } from './exit-code.ts'
import { damagedState, isDamagedDatabase } from './workspace/damaged-state.ts'

/** Gives every error that can reach the command line its exit code and what to do next. */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error
  if (isDamagedDatabase(error)) return damagedState(error)
  if (error instanceof ProviderError) return fromProvider(error)
  if (error instanceof FreshnessError || error instanceof CompileError) return fromContext(error)
  if (error instanceof ValidatorError) {
    return error.code === 'JOB_POISONED'
      ? wrap(
          error,
          error.code,
          EXIT_CODE.poisoned,
          'What was under way was stopped; what had arrived of an answer was dropped.',
        )
      : wrap(error, error.code, EXIT_CODE.refused, 'Nothing was sent.')
  }
  if (error instanceof PackError) return fromPack(error)
  if (error instanceof GovernanceError)
    return wrap(error, error.code, EXIT_CODE.usage, 'Correct the config; nothing was sent.')
  if (error instanceof PluginError)
    return wrap(error, error.code, EXIT_CODE.usage, 'Correct the `options` of the provider in the config.')
  if (error instanceof MicroTaskError) {
    return error.code === 'DEFINITIONS_FOREIGN'
      ? wrap(error, error.code, EXIT_CODE.verificationFailed, 'Nothing was sent. Run `ctxlock verify`.')
      : wrap(error, error.code, EXIT_CODE.usage, 'Correct the task file.')
  }
  if (error instanceof EngineError) return fromEngine(error)
  if (error instanceof ArtifactError) return fromStore(error)
  if (error instanceof RecorderError) return fromRecorder(error)
  return fromMachine(error)
}

function fromEngine(error: EngineError): CommandError {
  return error.code === 'RUN_TAKEN'
    ? wrap(error, error.code, EXIT_CODE.refused, 'Nothing was sent by this process.')
    : wrap(error, error.code, EXIT_CODE.usage, 'A run is resumed with the same task file and the id that was printed.')
}

function fromRecorder(error: RecorderError): CommandError {
  switch (error.code) {
    case 'HSK-409-LOG-DIVERGED':
      return wrap(error, error.code, EXIT_CODE.verificationFailed, 'Run `ctxlock verify`, which says what differs.')
    case 'HSK-400-INVALID-KEY':
      return wrap(error, error.code, EXIT_CODE.usage, '`ctxlock prove` prints the public key of a log.')
    case 'HSK-404-NOT-SIGNED':
      return wrap(
        error,
        error.code,
        EXIT_CODE.usage,
        'Events are signed at the end of a run; `ctxlock verify` counts them.',
      )
    case 'HSK-409-LOG-VERSION':
      return wrap(error, error.code, EXIT_CODE.usage, 'Nothing was changed.')
    default:
      return wrap(
        error,
        error.code,
        EXIT_CODE.failed,
        `What cannot be recorded is not done. ${diskHint(error) ?? 'Run `ctxlock verify`.'}`,
      )
  }
}

function fromProvider(error: ProviderError): CommandError {
  switch (error.code) {
    case 'aborted':
      return wrap(error, error.code, EXIT_CODE.cancelled, 'The call was recorded as cancelled.')
    case 'ssrf_blocked':
    case 'redirect_blocked':
    case 'permission':
      return wrap(
        error,
        error.code,
        EXIT_CODE.refused,
        'Check `base_url`, `declared_tier` and `network` of the provider in the config.',
      )
    case 'invalid_config':
      return wrap(
        error,
        error.code,
        EXIT_CODE.usage,
        'Check the provider in the config, and the environment variable its `secret_ref` names.',
      )
    default:
      return wrap(
        error,
        error.code,
        EXIT_CODE.provider,
        error.retryable ? 'Try again, or look at `ctxlock providers`.' : 'Look at `ctxlock providers`.',
      )
  }
}

const STALE_CODES: ReadonlySet<string> = new Set([
  'ContextPackStale',
  'IndexDrift',
  'ReplaySourceChanged',
  'SnapshotMutated',
])

function fromContext(error: FreshnessError | CompileError): CommandError {
  if (error.code === 'EmbeddingInvalid')
    return wrap(error, error.code, EXIT_CODE.provider, 'Check `embedding` in the config and the server it names.')
  const exit = STALE_CODES.has(error.code) ? EXIT_CODE.stale : EXIT_CODE.refused
  return wrap(
    error,
    error.code,
    exit,
    exit === EXIT_CODE.stale
      ? 'Run `ctxlock check` to see what changed, then `ctxlock lock`. Nothing was sent.'
      : 'Nothing was sent.',
  )
}

function fromPack(error: PackError): CommandError {
  const misnamed = error.code === 'PACK_RULE_FILE_UNREADABLE' || error.code === 'PACK_RULE_IMPORT_REFUSED'
  return wrap(error, error.code, misnamed ? EXIT_CODE.usage : EXIT_CODE.refused, 'Nothing was sent.')
}

function fromStore(error: ArtifactError): CommandError {
  const damaged = error.code === 'ARTIFACT_MISSING' || error.code === 'ARTIFACT_HASH_MISMATCH'
  return wrap(
    error,
    error.code,
    damaged ? EXIT_CODE.verificationFailed : EXIT_CODE.failed,
    diskHint(error) ?? 'Run `ctxlock verify` to see what is damaged.',
  )
}

function fromMachine(error: unknown): CommandError {
  if (error instanceof CanonError)
    return wrap(
      error,
      error.code,
      EXIT_CODE.usage,
      'A text in the command line, the config or the task file is not valid Unicode.',
    )
  const code = errorCode(error)
  // By code: it may come from a thread, where an error loses its class.
  if (error instanceof Error && (code === 'GRAMMAR_MISSING' || code === 'GRAMMAR_CHANGED'))
    return wrap(error, code, EXIT_CODE.failed, 'A file of ctxlock itself is missing or was changed: install it again.')
  const disk = [
    'ENOSPC',
    'EROFS',
    'EACCES',
    'EPERM',
    'EDQUOT',
    'EIO',
    'EINTR',
    'EISDIR',
    'ENOTDIR',
    'ENAMETOOLONG',
    'ELOOP',
    'EMFILE',
    'ENOENT',
    'ERR_SQLITE_ERROR',
  ].includes(code)
  const message = error instanceof Error ? error.message : 'unknown failure'
  return new CommandError(
    {
      exit: EXIT_CODE.failed,
      code: code === '' ? 'INTERNAL' : code,
      message: disk ? `the disk refused: ${message}` : `ctxlock failed: ${message}`,
      hint:
        diskHint(error) ??
        (disk
          ? 'Free space or allow writing; what was recorded before is still readable.'
          : 'This is a bug. Please report it with the command that was run.'),
    },
    { cause: error },
  )
}

function wrap(error: Error, code: string, exit: ExitCode, hint: string): CommandError {
  return new CommandError({ exit, code, message: onOneLine(error.message), hint }, { cause: error })
}

/** Packages list several problems one below the other. */
function onOneLine(message: string): string {
  return message.replace(/:\n- /, ': ').replaceAll('\n- ', '; ').replaceAll('\n', ' ')
}
