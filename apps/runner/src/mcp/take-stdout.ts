import { Writable } from 'node:stream'

/** Stdout for the protocol alone: what anything else in this process prints, such as a plugin, goes to stderr from now on. */
export function takeStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr)
  return new Writable({ write: (chunk, encoding, done) => void write(chunk, encoding, done) })
}
