import { parseReport } from './report-file.ts'
import type { ReportFile } from './report-file.ts'

/** The data in the page that `ctxlock report` writes; undefined when there are none. */
export function reportIn(page: string): ReportFile | undefined {
  const [, data] = /<script type="application\/json" id="report">([^<]*)<\/script>/.exec(page) ?? []
  return data === undefined ? undefined : parseReport(data)
}
