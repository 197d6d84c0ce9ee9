import type { SourceScan } from './source-scan.ts'

/** What the hits mean for a job, as fractions from 0 to 1, rounded to six digits. */
export interface Outlook {
  readonly snippetsPerCall: number
  readonly share: { readonly poison: number; readonly quarantine: number }
  /** That at least one of the snippets of a call poisons its job, if they were drawn evenly: `1 - (1 - p) ** k`. */
  readonly chanceOfPoison: number
}

export function outlookOf(
  { snippets, poisoning, quarantined }: Pick<SourceScan, 'snippets' | 'poisoning' | 'quarantined'>,
  snippetsPerCall: number,
): Outlook {
  const shareOf = (count: number) => (snippets === 0 ? 0 : count / snippets)
  return {
    snippetsPerCall,
    share: { poison: rounded(shareOf(poisoning)), quarantine: rounded(shareOf(quarantined)) },
    chanceOfPoison: rounded(1 - (1 - shareOf(poisoning)) ** snippetsPerCall),
  }
}

function rounded(fraction: number): number {
  return Number(fraction.toFixed(6))
}
