import { EXIT_CODE } from '../exit-code.ts'

/** `ctxlock check | head` closes our stdout early: the command finishes all the same and its exit code stands. */
export function finishWithClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      process.stdout.write = () => true
      return
    }
    process.stderr.write(`error: the output could not be written (${error.code ?? 'unknown'})\n`)
    process.exit(EXIT_CODE.failed)
  })
}
