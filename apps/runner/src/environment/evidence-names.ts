/** How the files are named that a person is handed as evidence, unless they say otherwise. */
export const evidenceName = {
  report: (runId: string) => `report-${runId.slice(0, 8)}.html`,
  bundle: (runId: string) => `run-${runId.slice(0, 8)}.bundle.jsonl`,
  statement: (runId: string) => `run-${runId.slice(0, 8)}.intoto.json`,
  proof: (seq: number) => `event-${seq}.tlog-proof`,
} as const

/** Beside the name of another file: its public key. */
export const KEY_SUFFIX = '.pub'

const NAMES =
  /^(?:report-[0-9a-f]{8}\.html|run-[0-9a-f]{8}\.(?:bundle\.jsonl|intoto\.json(?:\.pub)?)|event-\d{1,16}\.tlog-proof)$/

/** True for a name that only these have. */
export function isEvidenceName(name: string): boolean {
  return NAMES.test(name)
}
