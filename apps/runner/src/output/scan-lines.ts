import type { Outlook } from '../scan/outlook.ts'
import { standingLine, type WaiverStanding } from '../waivers/waiver-standing.ts'
import { counted } from './counted.ts'
import type { SourceHit, SourceScan } from '../scan/source-scan.ts'

/** Hits that are shown one by one. */
const MOST = 100

/** What a scan found, for a person: places and ids, no text of a source. */
export function scanLines(scan: SourceScan, outlook: Outlook, waivers: readonly WaiverStanding[]): string[] {
  const { sources, notText, distrusted, snippets, poisoning, quarantined, waived, hits } = scan
  const { share, snippetsPerCall, chanceOfPoison } = outlook
  return [
    ...hits.slice(0, MOST).map(hitLine),
    ...(hits.length > MOST ? [`… ${hits.length - MOST} more; --json gives all`] : []),
    ...waivers.map(standingLine),
    `scanned    ${counted(sources.length, 'source')}${notText === 0 ? '' : ` (${notText} no text)`}, cut into ${counted(snippets, 'snippet')}`,
    ...(distrusted === 0
      ? []
      : [`trust      ${distrusted} of the sources have less than the profile asks for; no call is shown them`]),
    `poison     ${poisoning} of them (${percent(share.poison)}): a job that is to be shown one ends`,
    `quarantine ${quarantined} of them (${percent(share.quarantine)}): left out of a job, which goes on degraded`,
    ...(waived === 0 ? [] : [`waived     ${waived} of them: held harmless by a person, and shown`]),
    `chance     ${percent(chanceOfPoison)} that one of ${snippetsPerCall} snippets poisons its job, were they drawn evenly; a question draws those that fit it`,
    nextLine(hits),
  ]
}

function nextLine(hits: readonly SourceHit[]): string {
  if (hits.length === 0) return 'found      no pattern; the scan knows phrases and their disguises, not intentions'
  if (hits.every(({ action }) => action === 'waived')) return 'found      nothing that is not waived'
  return 'next       leave these sources out (`sources.exclude` in the config), or ask so that others fit; `ctxlock waive` is for those a person knows to be harmless'
}

function hitLine({ path, start_line, end_line, pattern, view, action, trust }: SourceHit): string {
  const lines = start_line === end_line ? start_line : `${start_line}-${end_line}`
  return `${action.padEnd(10)} ${path}:${lines}  ${pattern} in view ${view}${trust === 'medium' ? '' : `, ${trust} trust`}`
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`
}
