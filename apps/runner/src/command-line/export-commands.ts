import { Option } from 'commander'

import type { BundleRedaction } from '@ctxlock/contracts/evidence-bundle'

import { repeatable, PUBLIC_KEY, type CommandLine } from './command-line.ts'

/** Named here once more, because schemas and their library take longer to load than `--help` may. */
const REDACTIONS: Readonly<Record<BundleRedaction, true>> = { none: true, names: true, all: true }

/** What leaves the workspace as evidence or telemetry, and how it is checked elsewhere. */
export function exportCommands({ command, group }: CommandLine): void {
  const exported = group(
    'export',
    'write a run as evidence, or send what is recorded as telemetry',
    'ctxlock export last',
  )

  command(
    'bundle <run>',
    'write a run as one file that can be checked without this workspace; the default',
    'ctxlock export last --redact names --output evidence.jsonl',
    async () => (await import('../commands/export/export-bundle.ts')).exportBundle,
    { group: exported, isDefault: true },
  )
    .option('--output <file>', 'where to write it; run-<id>.bundle.jsonl, if left out')
    .addOption(
      new Option(
        '--redact <what>',
        'what to leave out: names, paths, texts, content hashes and objects (names); all but hash and place of each event (all); nothing (none)',
      )
        .choices(Object.keys(REDACTIONS))
        .default('names'),
    )

  command(
    'statement <run>',
    'write what a run was made from and what came of it as a signed in-toto statement',
    'ctxlock export statement last',
    async () => (await import('../commands/export/export-statement.ts')).exportStatement,
    { group: exported },
  ).option('--output <file>', 'where to write it; run-<id>.intoto.json, if left out')

  command(
    'otlp',
    'send what was recorded since the last time to a collector, as spans without content',
    'ctxlock export otlp --endpoint http://127.0.0.1:4318',
    async () => (await import('../commands/export/export-otlp.ts')).exportOtlp,
    { group: exported },
  )
    .option('--endpoint <url>', 'the collector; OTEL_EXPORTER_OTLP_ENDPOINT or http://127.0.0.1:4318, if left out')
    .addOption(repeatable('--allow-private-host <host:port>', 'a private address that may be reached'))
    .option(
      '--convention <name>',
      'how spans are named: otel-genai@1.41.1 or openinference@2.12.0',
      'otel-genai@1.41.1',
    )
    .option('--from-start', 'send everything again; every span has the id it had before')

  command(
    'verify-bundle <file>',
    'check an evidence bundle with nothing but the public key',
    "ctxlock verify-bundle run-0190a3b2.bundle.jsonl --key '<public key>'",
    async () => (await import('../commands/export/verify-bundle.ts')).verifyBundle,
  )
    .requiredOption(PUBLIC_KEY.flag, PUBLIC_KEY.needed)
    .addOption(repeatable('--anchor <file>', 'a checkpoint that was kept elsewhere'))

  command(
    'verify-statement <file>',
    'check the signature of an in-toto statement with nothing but the public key, and show what it states',
    "ctxlock verify-statement run-0190a3b2.intoto.json --key '<public key>'",
    async () => (await import('../commands/export/verify-statement.ts')).verifyStatement,
  )
    .requiredOption(PUBLIC_KEY.flag, `${PUBLIC_KEY.needed}, as PEM too`)
    .option(
      '--files <folder>',
      'compare the files that it names with those of this folder: exit 7 for one that came out, 3 for a source',
    )
}
