/** What a number of seeds came to. */
export interface SimulationTotals {
  readonly seeds: number
  readonly failed_seeds: readonly number[]
  readonly runs: number
  /** Processes that were killed, stopped or closed with work under way. */
  readonly kills: number
  readonly signals: number
  readonly simulated_days: number
}
