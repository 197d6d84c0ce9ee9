import type { EventOf, FlightEvent } from '@ctxlock/contracts/events'
import type { RunStatement, StatedResource } from '@ctxlock/contracts/run-statement'
import type { BundledRun } from '@ctxlock/flight-recorder/export'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { recordedCalls, type RecordedCall } from '../replay/recorded-call.ts'
import { sourcesOf } from '../replay/recorded-sources.ts'
import { allEvents } from '../session/all-events.ts'
import { openJobIndex } from '../session/job-index.ts'
import type { StoredSession } from '../session/stored-session.ts'

type Subject = RunStatement['subject'][number]

/** What a run was made from and what came of it, all of it from the record. Throws `RUN_WITHOUT_HEADER` and what an unreadable record throws. */
export function runStatement(stored: StoredSession, { runId, continuedAs }: BundledRun): RunStatement {
  const events = [runId, ...continuedAs].flatMap((workflowRunId) => [...allEvents(stored, { workflowRunId })])
  const calls = recordedCalls(stored, openJobIndex(stored.state.database).jobsOf(runId))
  const [header] = eventsOf(events, 'run_header')
  if (!header) throw withoutHeader(runId)
  const end = eventsOf(events, 'run_end').at(-1)
  const { command, registry_hash, profile_hash, profile_id, package_versions } = header.payload
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: distinct([...patchedFiles(events), ...answers(events), lastEvent(events, header)]),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:ctxlock:builds:governed-run:v1',
        externalParameters: command === undefined ? {} : { command },
        internalParameters: { registry_hash, profile_hash, profile_id },
        resolvedDependencies: distinct([
          ...calls.flatMap(sources),
          ...calls.flatMap(packs),
          ...models(events),
          ...receipts(events),
        ]),
      },
      runDetails: {
        builder: {
          id: 'urn:ctxlock:runner',
          version: Object.fromEntries(package_versions.map(({ name, version }) => [name, version])),
        },
        metadata: {
          invocationId: runId,
          startedOn: header.timestamp,
          ...(end && { finishedOn: end.timestamp }),
        },
        byproducts: [],
      },
    },
  }
}

function eventsOf<Type extends FlightEvent['type']>(events: readonly FlightEvent[], type: Type): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type)
}

/** Files as the newest patch of the run leaves them, and the patch itself. */
function patchedFiles(events: readonly FlightEvent[]): Subject[] {
  const patch = eventsOf(events, 'patch_ready').at(-1)?.payload
  if (!patch) return []
  const files = patch.files.map(({ path, after_hash }) => hashed(path, `file:${path}`, after_hash))
  return [...files, hashed('patch', undefined, patch.patch_ref)]
}

/** Answers that are stored; others are known to the record by keyed digests, which nobody else can compare. */
function answers(events: readonly FlightEvent[]): Subject[] {
  return eventsOf(events, 'call_settled').flatMap(({ payload: { call_id, answer_ref } }) =>
    answer_ref === undefined ? [] : [hashed(`answer of ${call_id}`, undefined, answer_ref)],
  )
}

/** Every run has it, also one without an output: its canonical text stands in the evidence bundle. */
function lastEvent(events: readonly FlightEvent[], header: FlightEvent): Subject {
  const last = events.reduce((latest, event) => (event.seq > latest.seq ? event : latest), header)
  return hashed(`event ${last.seq} (${last.type})`, `urn:ctxlock:event:${last.event_id}`, last.event_hash)
}

/** Rule files and evidence of a call, at the hashes it saw. */
function sources(call: RecordedCall): StatedResource[] {
  return sourcesOf(call).map(({ path, hash }) => hashed(path, `file:${path}`, hash))
}

function packs({ rolePack, binding }: RecordedCall): StatedResource[] {
  const { role_pack, work_unit_pack } = binding
  return [
    hashed('role pack', 'urn:ctxlock:pack:role', role_pack.effective_hash),
    hashed('work unit pack', 'urn:ctxlock:pack:work-unit', work_unit_pack.effective_hash),
    ...rolePack.protocol_refs.map(({ ref_id, content_hash }) => hashed(ref_id, 'urn:ctxlock:rules', content_hash)),
  ]
}

/** By name: no provider says the digest of the weights that answered. */
function models(events: readonly FlightEvent[]): StatedResource[] {
  return eventsOf(events, 'llm_inference').map(
    ({ payload: { model_id, effective_model_id = model_id, provider_id } }) => ({
      name: effective_model_id,
      uri: `urn:ctxlock:model:${encodeURIComponent(provider_id ?? '')}:${encodeURIComponent(model_id)}`,
    }),
  )
}

/** A receipt with the hash of the bytes, or of the disclosure, a person agreed to. */
function receipts(events: readonly FlightEvent[]): StatedResource[] {
  return eventsOf(events, 'cloud_escalation_executed').map(({ payload: { consent_receipt_id, payload_sha256 } }) => ({
    name: consent_receipt_id,
    uri: 'urn:ctxlock:consent-receipt',
    ...(payload_sha256 !== undefined && { digest: { sha256: payload_sha256 } }),
  }))
}

function hashed(name: string, uri: string | undefined, sha256: string): Subject {
  return { name, ...(uri !== undefined && { uri }), digest: { sha256 } }
}

/** Each once, in an order that does not depend on that of the calls. */
function distinct<Resource extends StatedResource>(resources: readonly Resource[]): Resource[] {
  const byText = new Map(resources.map((resource) => [JSON.stringify(resource), resource]))
  return [...byText].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, resource]) => resource)
}

function withoutHeader(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'RUN_WITHOUT_HEADER',
    message: `the beginning of run ${runId} is not in the log`,
    hint: 'Run `ctxlock verify`.',
  })
}
