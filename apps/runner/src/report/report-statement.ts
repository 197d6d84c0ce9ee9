import type { KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'

import { CallRecord } from '@ctxlock/contracts/call'
import { RoleContextPack } from '@ctxlock/contracts/packs'
import { canonicalize } from '@ctxlock/core-hash'
import { logPublicKey, signNote } from '@ctxlock/flight-recorder'
import { STATEMENT_LINE, type ReportStatement, type RoleRules } from '@ctxlock/log-verifier/browser'

import { readRecord } from '../session/stored-records.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { RUNNER_VERSION } from '../version.ts'

export interface StatementParts {
  readonly runs: ReportStatement['runs']
  readonly calls: readonly CallRecord[]
  readonly missing: readonly string[]
}

/**
 * What the log cannot prove and a reader wants: how many events there were, and which rules were in force. Their words are part
 * of prompts, so the records that prove them are left out.
 */
export function statementText(session: StoredSession, { runs, calls, missing }: StatementParts): string {
  const rules = new Map(calls.flatMap((call) => rulesOf(session, call)).map((role) => [role.pack_hash, role]))
  const statement: ReportStatement = {
    schema_version: 'ctxlock.report_statement@1',
    written_by: `ctxlock ${RUNNER_VERSION}`,
    runs,
    rules: [...rules.values()],
    records_missing: [...new Set(missing)].toSorted(),
  }
  return canonicalize(statement)
}

function rulesOf(session: StoredSession, { role_pack }: CallRecord): RoleRules[] {
  if (!session.artifacts.has(role_pack.content_hash)) return []
  const { pack_hash, role_id, strict_rules, sources } = readRecord(session, role_pack, RoleContextPack)
  const hashes = new Map(sources.map(({ source_id, source_hash }) => [source_id, source_hash]))
  const rules = strict_rules.map(({ rule_id, severity, source_refs: [source] }) => ({
    rule_id,
    severity,
    source_id: source?.id ?? null,
    source_hash: source?.hash ?? hashes.get(source?.id ?? '') ?? null,
    selector: source?.selector ?? null,
  }))
  return [{ pack_hash, role: role_id, rules }]
}

/** Signs a statement, if the key is the one that signs this log. */
export function signStatement(
  { state }: StoredSession,
  text: string,
  { publicKey, privateKey }: { readonly publicKey: string | undefined; readonly privateKey: KeyObject | undefined },
): string | null {
  if (!privateKey || logPublicKey({ database: state.database, key: privateKey }) !== publicKey) return null
  const [name = ''] = publicKey.split('+')
  const hash = createHash('sha256').update(text).digest('base64')
  return signNote(`${STATEMENT_LINE}\n${hash}\n`, { name, privateKey })
}
