import { ValidatorError } from '@ctxlock/ace-validators'
import { scannerFor } from '@ctxlock/ace-validators/scanner'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { scanPolicy } from '../scan/scan-policy.ts'
import type { ResolvedPolicy } from '../workspace/default-config.ts'

/** Compiles the patterns of the config, if there are any, for the calls to come (VAL-040). Throws `CONFIG_INVALID` where they would fail. */
export function checkPatterns(policy: ResolvedPolicy): void {
  if (policy.injectionPatterns.length === 0) return
  try {
    scannerFor(scanPolicy(policy))
  } catch (error) {
    if (!(error instanceof ValidatorError)) throw error
    throw new CommandError(
      {
        exit: EXIT_CODE.usage,
        code: 'CONFIG_INVALID',
        message: `the config is not valid: \`policy.injection_patterns\`: ${error.message}`,
        hint: 'Correct the field and run the command again.',
      },
      { cause: error },
    )
  }
}
