import type { Person } from '../consent/person.ts'
import type { Output } from '../output/output.ts'

export interface GlobalOptions {
  readonly json?: boolean
  readonly workspace?: string
}

/** What every command gets: its own options, where to print, and which folder it works on. */
export interface CommandContext<Options> {
  readonly options: Options
  readonly output: Output
  readonly workspace: string | undefined
  /** Who is asked for consent while a call waits; without one, whoever sits at the terminal. */
  readonly person?: Person
}
