/** A small workspace with rules, for measures that record runs over it. */
export const PARCEL: Readonly<Record<string, string>> = {
  'AGENTS.md': '# Rules\n\n- Answers MUST name the depot.\n- NEVER guess a checksum.\n',
  'README.md':
    '# Parcel\n\nParcel moves boxes between depots.\n\n## Checksums\n\nA checksum is computed over the raw bytes of a box.\n',
  'src/checksum.ts':
    "import { createHash } from 'node:crypto'\n\n/** Computes the checksum of a box: SHA-256 over its raw bytes. */\nexport function computeChecksum(bytes: Uint8Array): string {\n  return createHash('sha256').update(bytes).digest('hex')\n}\n",
  'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1', rules: { files: ['AGENTS.md'] } }),
}
