// Ports for tests: everything in memory, nothing mocked away.
import { bytesHash, uuidFromHash } from '@ctxlock/core-hash'
import type {
  ArtifactOptions,
  ArtifactStore,
  Clock,
  RedactionCategory,
  RedactionFinding,
  Redactor,
  SourceRead,
  SourceReader,
} from '@ctxlock/contracts/ports'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

export const tokenCounter = codePointsPerFour

export const clock: Clock = { now: () => Date.UTC(2026, 1, 12, 2, 22, 31, 408), monotonic: () => 0 }

export interface MemoryStore extends ArtifactStore {
  readonly objects: Map<string, Uint8Array>
}

export function memoryStore(): MemoryStore {
  const objects = new Map<string, Uint8Array>()
  return {
    objects,
    put(bytes: Uint8Array, { kind, classification, exportable = false }: ArtifactOptions) {
      const hash = bytesHash(bytes)
      objects.set(hash, bytes)
      return {
        artifact_id: uuidFromHash(hash),
        kind,
        uri: `/objects/${hash}`,
        content_hash: hash,
        size_bytes: bytes.length,
        classification,
        exportable,
      }
    },
    get(hash) {
      const bytes = objects.get(hash)
      if (!bytes) throw new Error('ARTIFACT_MISSING')
      return bytes
    },
    has: (hash) => objects.has(hash),
  }
}

export function memoryReader(files: Readonly<Record<string, string | Uint8Array | SourceRead>>): SourceReader {
  return {
    read(path, options) {
      const file = Object.hasOwn(files, path) ? files[path] : undefined
      if (file === undefined) return { status: 'missing' }
      if (typeof file !== 'string' && 'status' in file) return file
      const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
      return bytes.length > (options?.maxBytes ?? Number.MAX_SAFE_INTEGER)
        ? { status: 'too_large' }
        : { status: 'read', bytes }
    },
  }
}

const DETECTORS: readonly (readonly [RedactionCategory, string, RegExp])[] = [
  [
    'private_key',
    'secret_private_key',
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  ],
  ['api_key', 'secret_api_key', /\bsk-[A-Za-z0-9]{16,}/g],
  ['aws', 'secret_aws', /\bAKIA[0-9A-Z]{16}\b/g],
  ['db_url', 'secret_db_url', /\b(?:postgres|mysql|mongodb):\/\/[^\s:]+:[^\s@]+@[^\s'"]+/g],
  ['token', 'secret_token', /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g],
  ['password', 'secret_password', /(?<!REDACTED:)\bpass(?:word|wd)\s*[=:]\s*['"]?[^\s'"[]{6,}/gi],
  ['pii', 'pii_email', /[\w.+-]+@[\w-]+\.[a-z]{2,}/g],
  ['pii', 'pii_phone', /\+\d{2}[ -]?\d{3}[ -]?\d{6,8}/g],
  [
    'path',
    'path_absolute',
    /\bfile:\/\/\S+|\b[A-Z]:\\\S+|\\\\[\w.]+\\\S+|(?<![\w./])\/(?:home|etc|Users|var|tmp)\/[^\s'"`)]*/g,
  ],
  ['env', 'env_var', /\$\{?[A-Z][A-Z0-9_]{2,}\}?|%[A-Z][A-Z0-9_]{2,}%/g],
]

/** A few patterns per category of CP-032; the real redactor comes from another package. */
export const testRedactor: Redactor = {
  version: 'test-redactor@1',
  detect(text) {
    const findings: RedactionFinding[] = []
    let end = 0
    const all = DETECTORS.flatMap(([category, detector_id, pattern]) =>
      [...text.matchAll(pattern)].map((match) => ({
        category,
        detector_id,
        start: match.index,
        end: match.index + match[0].length,
      })),
    )
    for (const finding of all.sort((a, b) => a.start - b.start || b.end - a.end)) {
      if (finding.start < end) continue
      findings.push(finding)
      end = finding.end
    }
    return findings
  },
  redact(text) {
    const findings = testRedactor.detect(text)
    let redacted = ''
    let from = 0
    for (const { category, detector_id, start, end } of findings) {
      redacted += `${text.slice(from, start)}[REDACTED:${category}:${detector_id}]`
      from = end
    }
    return { text: redacted + text.slice(from), findings }
  },
}

/** A secret of each detector class; none was ever issued. */
export const CANARIES: Readonly<Record<string, string>> = {
  secret_api_key: 'sk-CANARYcanary0123456789abcd',
  secret_aws: 'AKIACANARYCANARY0001',
  secret_db_url: 'postgres://canary:canarypass@db.example/app',
  secret_private_key: `-----BEGIN PRIVATE KEY-----\nMIICanaryCanaryCanaryCanary0123456789\nqwertyCanaryCanaryCanary9876543210\n-----END PRIVATE KEY-----`,
  secret_password: 'password=canary-hunter2',
  secret_token: 'eyJCanaryCanary.eyJCanaryBody.CanarySignature',
  pii_email: 'canary@example.org',
  pii_phone: '+49 151 12345678',
  path_absolute: '/home/canary/workspace/file.ts',
  env_var: '$CANARY_VARIABLE',
}
