import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface MeasuredProcess {
  readonly seconds: number
  /** The most memory the process, with its threads, held at any moment. */
  readonly peakMegabytes: number
}

/** Runs a Node program to its end. The process itself says how much memory it held, so this works wherever Node runs. */
export function measuredProcess(cwd: string, peakFile: string, args: readonly string[]): MeasuredProcess {
  const atExit = `import { writeFileSync } from 'node:fs'
process.on('exit', () => writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)))`
  const started = performance.now()
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(atExit)}`, ...args],
    { cwd, encoding: 'utf8' },
  )
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) throw new Error(`Expected ${args.join(' ')} to end with 0, got ${status}: ${stderr}`)
  return {
    seconds: Number(seconds.toFixed(2)),
    peakMegabytes: Math.round(Number(readFileSync(peakFile, 'utf8')) / 1024),
  }
}
