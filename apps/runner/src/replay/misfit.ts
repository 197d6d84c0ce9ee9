import { ArtifactError } from '@ctxlock/artifact-store'
import { CompileError } from '@ctxlock/context-compiler'
import { PackError } from '@ctxlock/context-pack'
import { ProviderError } from '@ctxlock/contracts/provider'
import { FreshnessError } from '@ctxlock/freshness-guard'

import { CommandError } from '../command-error.ts'

type Misfit = ArtifactError | CompileError | PackError | ProviderError | FreshnessError | CommandError

/** An error that says that the recorded parts cannot be put together; every other one is a broken machine. */
export function isMisfit(error: unknown): error is Misfit {
  return [ArtifactError, CompileError, PackError, ProviderError, FreshnessError, CommandError].some(
    (known) => error instanceof known,
  )
}
