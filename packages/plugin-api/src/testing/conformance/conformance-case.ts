/** One check. `run` rejects when it fails, so that any test runner can take it. */
export interface ConformanceCase {
  readonly name: string
  readonly run: () => Promise<void>
}
