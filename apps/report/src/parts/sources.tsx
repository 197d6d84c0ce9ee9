import type { RoleRules } from '@ctxlock/log-verifier/browser'

import type { CallFacts } from '../facts/call-facts.ts'
import type { PackFacts, SourceFacts } from '../facts/source-facts.ts'
import { many } from './amounts.ts'
import { Badge, type Tone } from './badge.tsx'
import { Hash } from './hash.tsx'
import { Cell, Table } from './table.tsx'
import { Text } from './visible-text.tsx'

const TRUST: Readonly<Record<string, Tone>> = { low: 'warn', high: 'good' }

interface SourcesProps {
  readonly sources: readonly SourceFacts[]
  readonly calls: readonly CallFacts[]
  readonly missing: readonly string[]
}

/** Which parts of which sources stood in a prompt. */
export function Sources({ sources, calls, missing }: SourcesProps) {
  const silent = calls.filter(({ trace }) => trace === undefined).length
  const places = new Map(calls.map(({ id }, at) => [id, at + 1]))
  return (
    <section aria-labelledby="sources">
      <h2 id="sources">What it saw</h2>
      {sources.length === 0 ? (
        <p class="quiet">No part of a source stood in a prompt of this run, or its records are not in this file.</p>
      ) : (
        <Table
          caption="Sources that stood in a prompt"
          columns={['Source', 'SHA-256 of the file', 'Lines', 'Trust', 'In call']}
        >
          {sources.map(({ id, hash, spans, trust, calls: seenBy }) => (
            <tr key={`${id} ${hash}`}>
              <Cell name="Source">
                <Text>{id}</Text>
              </Cell>
              <Cell name="SHA-256">
                <Hash>{hash}</Hash>
              </Cell>
              <Cell name="Lines">{spans.join(', ')}</Cell>
              <Cell name="Trust">
                <Badge tone={TRUST[trust ?? ''] ?? 'plain'}>{trust ?? 'unknown'}</Badge>
              </Cell>
              <Cell name="In call">{seenBy.map((call) => places.get(call)).join(', ')}</Cell>
            </tr>
          ))}
        </Table>
      )}
      {silent > 0 && <p class="quiet">Of {many(silent, 'call')} the record of what was seen is not in this file.</p>}
      {missing.length > 0 && (
        <p class="quiet">{many(missing.length, 'record')} had been erased or lost before this was written.</p>
      )}
    </section>
  )
}

/** Which rules were in force, by the writer's word. */
export function Rules({ roles, state }: { readonly roles: readonly RoleRules[]; readonly state: string }) {
  return (
    <section aria-labelledby="rules">
      <h2 id="rules">Rules in force</h2>
      <p class="quiet">
        Said by whoever wrote this file{state === 'signed' ? ', and signed by them' : ', and not signed'}. The log
        proves the hash of each role pack; the words of the rules are part of prompts and are left out.
      </p>
      {roles.map(({ pack_hash, role, rules }) => (
        <div key={pack_hash}>
          <h3>
            <Text>{role}</Text> · <Hash>{pack_hash}</Hash>
          </h3>
          <Table caption={`Rules of the role ${role}`} columns={['Rule', 'Severity', 'Source', 'SHA-256 of the file']}>
            {rules.map((rule) => (
              <tr key={rule.rule_id}>
                <Cell name="Rule">
                  <Text>{rule.rule_id}</Text>
                </Cell>
                <Cell name="Severity">
                  <Text>{rule.severity}</Text>
                </Cell>
                <Cell name="Source">
                  <Text>{`${rule.source_id ?? 'built in'} ${rule.selector ?? ''}`.trim()}</Text>
                </Cell>
                <Cell name="SHA-256">{rule.source_hash === null ? '—' : <Hash>{rule.source_hash}</Hash>}</Cell>
              </tr>
            ))}
          </Table>
        </div>
      ))}
      {roles.length === 0 && <p class="quiet">None are listed.</p>}
    </section>
  )
}

const STATES: Readonly<Record<PackFacts['state'], Tone>> = {
  fresh: 'good',
  built: 'plain',
  reused: 'plain',
  refreshed: 'plain',
  stale: 'warn',
}

/** Packs that were made or looked at. */
export function Packs({ packs }: { readonly packs: readonly PackFacts[] }) {
  if (packs.length === 0) return null
  return (
    <section aria-labelledby="packs">
      <h2 id="packs">Packs</h2>
      <Table caption="Packs of sources" columns={['Of', 'Hash of its content', 'State']}>
        {packs.map(({ target, hash, state, detail }) => (
          <tr key={`${target} ${hash}`}>
            <Cell name="Of">
              <Text>{target}</Text>
            </Cell>
            <Cell name="Hash">
              <Hash>{hash}</Hash>
            </Cell>
            <Cell name="State">
              <Badge tone={STATES[state]}>{state}</Badge> {detail !== undefined && <Text>{detail}</Text>}
            </Cell>
          </tr>
        ))}
      </Table>
    </section>
  )
}
