import { visibleText } from './visible-text.ts'

/**
 * Writes exactly these bytes to stdout. On a terminal, which sources could drive by them, their text with what is not seen made
 * visible; a pipe or a file gets every byte.
 */
export function writeBytes(bytes: Uint8Array): Promise<void> {
  const written = process.stdout.isTTY ? `${visibleText(new TextDecoder().decode(bytes))}\n` : bytes
  return new Promise((resolve, reject) => process.stdout.write(written, (error) => (error ? reject(error) : resolve())))
}
