import { z } from 'zod'

import { Hash } from '../primitives.ts'

// Every open string of an event is one of these four, so that the recorder knows how to treat it (REC-012). Bounds count
// code points, and a line break of any kind is refused: a prompt does not fit, by length or by shape.

/** Text for people: one line, at most 512 code points; redacted, and cut again when redaction made it longer. */
export const EventText = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{0,512}$/u)
  .meta({ id: 'EventText' })

/** An id or a name: one line of at most 256 code points; redacted. */
export const EventIdentifier = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,256}$/u)
  .meta({ id: 'EventIdentifier' })

/** A word of a fixed vocabulary that this version does not enumerate: an error code, a tool, a gate. */
export const EventCode = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/)
  .meta({ id: 'EventCode' })

/**
 * A workspace path, a source id such as `file:src/a.ts`, or the canonical text of a reference. As long as paths may be,
 * which is more than an id; only secrets are redacted, because every path would look like one to the path detector.
 */
export const EventReference = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,8400}$/u)
  .meta({ id: 'EventReference' })

/** The content hash of a stored artifact. `verify` looks every one of them up. */
export const ArtifactReference = Hash.meta({ id: 'ArtifactReference' })

/** The id of a retrieval candidate (spec 04 section 6). */
export const CandidateId = z.string().regex(/^[0-9a-f]{32}$/)

/** A number of milliseconds, whole. */
export const Milliseconds = z.int().min(0)

/** An array of at most 256 items (REC-012). */
export const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).max(256)

/** 16 random bytes in hex. */
export const Salt = z.string().regex(/^[0-9a-f]{32}$/)
