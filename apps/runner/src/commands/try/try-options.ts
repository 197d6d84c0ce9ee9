import type { GlobalOptions } from '../../command-line/command-context.ts'

export interface TryOptions extends GlobalOptions {
  /** Nobody is asked: the trial does on copies of its own what a person would do. */
  readonly yes?: boolean
}
