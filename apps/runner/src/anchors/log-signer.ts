import type { KeyObject } from 'node:crypto'

import type { UnhashedEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase, Timers } from '@ctxlock/contracts/ports'
import { anchorLog, openCheckpointSchedule } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { diskHint } from '../environment/disk-hint.ts'
import { signingKeyPath } from '../environment/key-file.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { LogAnchors } from './log-anchors.ts'
import { openSigningKey } from './signing-key.ts'

/** Signs the log of an open workspace and hands the checkpoints to its anchors. */
export interface LogSigner {
  /** For `onAppend` of the recorder: signs in between when that is due. */
  appended(events: readonly UnhashedEvent[]): void
  /** Signs what is committed and anchors it. Never inside a transaction. Codes: LOG_KEY_UNAVAILABLE, those of `anchorLog`. */
  anchor(): Promise<void>
  close(): Promise<void>
}

export interface LogSignerOptions {
  readonly database: SqlDatabase
  readonly anchors: LogAnchors
  readonly timers: Timers
  readonly variables: NodeJS.ProcessEnv
}

export function openLogSigner({ database, anchors, timers, variables }: LogSignerOptions): LogSigner {
  let signingKey: KeyObject | undefined
  let inTurn: Promise<unknown> = Promise.resolve()

  function anchor(): Promise<void> {
    const turn = inTurn.then(async () => {
      signingKey ??= readableKey(variables)
      await anchorLog({ database, signingKey, anchors })
    })
    inTurn = turn.catch(() => undefined)
    return turn
  }
  const schedule = openCheckpointSchedule({ timers, isBusy: () => database.isTransaction, checkpoint: anchor })
  return {
    appended: schedule.appended,
    anchor,
    async close() {
      schedule.close()
      await inTurn
      for (const sink of anchors.values()) await sink.close()
    },
  }
}

function readableKey(variables: NodeJS.ProcessEnv): KeyObject {
  try {
    return openSigningKey(variables)
  } catch (error) {
    throw new CommandError(
      {
        exit: EXIT_CODE.failed,
        code: 'LOG_KEY_UNAVAILABLE',
        message: `the record cannot be signed: ${signingKeyPath(variables)} can be neither read nor made`,
        hint: `${diskHint(error) ?? 'Set XDG_CONFIG_HOME to a folder that can be written.'} What was recorded stays; it is signed with the next run.`,
      },
      { cause: error },
    )
  }
}
