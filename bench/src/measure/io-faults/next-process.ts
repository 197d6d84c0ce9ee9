// What comes after a fault, in one process: each argument is a command line as JSON; what became of it is printed as a JSON line.
import { runCli } from '../../../../apps/runner/src/cli.ts'

const write = process.stdout.write.bind(process.stdout)

for (const text of process.argv.slice(2)) {
  const args: string[] = JSON.parse(text)
  let stdout = ''
  let stderr = ''
  process.stdout.write = (chunk: string | Uint8Array) => {
    stdout += String(chunk)
    return true
  }
  process.stderr.write = (chunk: string | Uint8Array) => {
    stderr += String(chunk)
    return true
  }
  const code = await runCli(args)
  write(`${JSON.stringify({ code, stdout, stderr })}\n`)
}
