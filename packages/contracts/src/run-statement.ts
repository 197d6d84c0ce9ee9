// What a run was made from and what came of it, as an in-toto Statement v1 whose predicate has the form of SLSA provenance v1. The
// form is used because tools read it; no SLSA level is claimed.
import { z } from 'zod'

import { Base64, Hash, Identifier, Timestamp, Uuid } from './primitives.ts'

const Digest = z.strictObject({ sha256: Hash })

/** Something that went in or came out (in-toto ResourceDescriptor). */
export const StatedResource = z
  .strictObject({
    name: z.string().min(1).max(4200),
    /** `file:<path>`, or a URN of ours for what is no file. */
    uri: z.string().min(1).max(8400).exactOptional(),
    /** Absent for a model that is known by its name only. */
    digest: Digest.exactOptional(),
  })
  .meta({ id: 'StatedResource' })
export type StatedResource = z.infer<typeof StatedResource>

/** `urn:ctxlock:builds:governed-run:v1`: what `buildDefinition` of a governed run means. */
export const RunStatement = z
  .strictObject({
    _type: z.literal('https://in-toto.io/Statement/v1'),
    /** Outputs by digest: files of the patch, stored answers, and the run's last event. */
    subject: z.array(z.strictObject({ ...StatedResource.shape, digest: Digest })).min(1),
    predicateType: z.literal('https://slsa.dev/provenance/v1'),
    predicate: z.strictObject({
      buildDefinition: z.strictObject({
        buildType: z.literal('urn:ctxlock:builds:governed-run:v1'),
        /** What the person who ran it chose. */
        externalParameters: z.strictObject({ command: Identifier.exactOptional() }),
        /** What the runner was set up with: hashes of the provider registry and of the work profile. */
        internalParameters: z.strictObject({ registry_hash: Hash, profile_hash: Hash, profile_id: Identifier }),
        /** Sources, rules, packs, models and receipts. */
        resolvedDependencies: z.array(StatedResource),
      }),
      runDetails: z.strictObject({
        builder: z.strictObject({
          id: z.literal('urn:ctxlock:runner'),
          version: z.record(Identifier, Identifier),
        }),
        metadata: z.strictObject({
          invocationId: Uuid,
          startedOn: Timestamp,
          /** Absent for a run without an end: it was interrupted, or goes on. */
          finishedOn: Timestamp.exactOptional(),
        }),
        byproducts: z.array(StatedResource),
      }),
    }),
  })
  .meta({ id: 'RunStatement' })
export type RunStatement = z.infer<typeof RunStatement>

/** DSSE envelope around a statement, as attestation tools read it. */
export const StatementEnvelope = z
  .strictObject({
    payloadType: z.literal('application/vnd.in-toto+json'),
    payload: Base64,
    /** Key ids are hints and prove nothing. */
    signatures: z
      .array(z.strictObject({ keyid: z.string().max(128).exactOptional(), sig: Base64 }))
      .min(1)
      .max(16),
  })
  .meta({ id: 'StatementEnvelope' })
export type StatementEnvelope = z.infer<typeof StatementEnvelope>
