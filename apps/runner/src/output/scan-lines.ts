import type { Outlook } from '../scan/outlook.ts'
import type { SourceHit, SourceScan } from '../scan/source-scan.ts'

/** Hits that are shown one by one. */
const MOST = 100

/** What a scan found, for a person: places and ids, no text of a source. */
export function scanLines(scan: SourceScan, outlook: Outlook): string[] {
  const { sources, notText, snippets, poisoning, quarantined, hits } = scan
  const { share, snippetsPerCall, chanceOfPoison } = outlook
  return [
    ...hits.slice(0, MOST).map(hitLine),
    ...(hits.length > MOST ? [`… ${hits.length - MOST} more; --json gives all`] : []),
    `scanned    ${sources.length} sources${notText === 0 ? '' : ` (${notText} no text)`}, cut into ${snippets} snippets`,
    `poison     ${poisoning} of them (${percent(share.poison)}): a job that is to be shown one ends`,
    `quarantine ${quarantined} of them (${percent(share.quarantine)}): left out of a job, which goes on degraded`,
    `chance     ${percent(chanceOfPoison)} that one of ${snippetsPerCall} snippets poisons its job, were they drawn evenly; a question draws those that fit it`,
    hits.length === 0
      ? 'found      no pattern; the scan knows phrases and their disguises, not intentions'
      : 'next       leave these sources out (`sources.exclude` in the config), or ask so that others fit',
  ]
}

function hitLine({ path, start_line, end_line, pattern, view, action }: SourceHit): string {
  const lines = start_line === end_line ? start_line : `${start_line}-${end_line}`
  return `${action.padEnd(10)} ${path}:${lines}  ${pattern} in view ${view}`
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`
}
