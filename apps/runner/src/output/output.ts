import { visibleText } from './visible-text.ts'

export interface Output {
  readonly json: boolean
  /** Text for a person; silent with `--json`. */
  line(text?: string): void
  /** One thing that happened, as a JSON line of its own before that of the result; silent without `--json`. */
  event(value: object): void
  /** The command's result as the last JSON line; silent without `--json`. */
  result(value: object): void
  /** Says on a terminal what is going on, once work takes over a second. */
  progress(text: string): void
}

const QUIET_MS = 1000

/** Writes to the process: text or JSON on stdout, progress on stderr when that is a terminal. */
export function createOutput(json: boolean): Output {
  const started = performance.now()
  const live = process.stderr.isTTY && !json
  let shown = false
  const clear = () => {
    if (shown) process.stderr.write('\r\u001B[K')
    shown = false
  }
  const writeJson = (value: object) => {
    clear()
    if (json) process.stdout.write(`${JSON.stringify(value)}\n`)
  }
  return {
    json,
    line(text = '') {
      clear()
      if (!json) process.stdout.write(`${visibleText(text)}\n`)
    },
    event: writeJson,
    result: writeJson,
    progress(text) {
      if (!live || performance.now() - started < QUIET_MS) return
      process.stderr.write(`\r\u001B[K${text.slice(0, (process.stderr.columns || 80) - 1)}`)
      shown = true
    },
  }
}
