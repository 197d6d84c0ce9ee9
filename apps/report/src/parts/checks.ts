import type { ReportJudgement } from '@ctxlock/log-verifier/browser'

import { many } from './amounts.ts'
import type { Tone } from './badge.tsx'

export interface Check {
  readonly tone: Tone
  readonly word: 'checked' | 'not checked' | 'broken' | 'note'
  readonly what: string
}

const checked = (what: string): Check => ({ tone: 'good', word: 'checked', what })
const unchecked = (what: string): Check => ({ tone: 'warn', word: 'not checked', what })
const broken = (what: string): Check => ({ tone: 'bad', word: 'broken', what })
const note = (what: string): Check => ({ tone: 'plain', word: 'note', what })

/** What the page looked at, item by item, and what it could not look at. */
export function checksOf(judgement: ReportJudgement): Check[] {
  return [
    ...eventChecks(judgement),
    checkpointCheck(judgement),
    anchorCheck(judgement),
    ...runChecks(judgement),
    ...otherChecks(judgement),
  ]
}

function eventChecks({ events, checkpoint }: ReportJudgement): Check[] {
  const count = (state: string) => events.filter((event) => event.state === state).length
  const [inTree, erased, uncovered, wrong] = [count('in_tree'), count('erased'), count('uncovered'), count('broken')]
  const size = 'size' in checkpoint ? ` of ${many(checkpoint.size, 'event')}` : ''
  return [
    ...(inTree > 0 ? [checked(`${many(inTree, 'event')}: text, hash and proof lead to the checkpoint${size}.`)] : []),
    ...(erased > 0 ? [checked(`${many(erased, 'event')} erased: the text is gone, its place in the tree holds.`)] : []),
    ...(uncovered > 0
      ? [
          unchecked(
            `${many(uncovered, 'event')} came after the checkpoint: nothing confirms them, and they are not anchored.`,
          ),
        ]
      : []),
    ...(wrong > 0 ? [broken(`${many(wrong, 'event')} not what stands in the tree.`)] : []),
  ]
}

function checkpointCheck({ checkpoint, keyFrom }: ReportJudgement): Check {
  if (checkpoint.state === 'absent') return unchecked('There is no checkpoint: the log was not signed.')
  if (checkpoint.state === 'damaged') return broken('The signature of the checkpoint does not fit its text.')
  if (checkpoint.state === 'foreign')
    return keyFrom === 'nobody'
      ? unchecked('The signature of the checkpoint: there is no key to check it with.')
      : broken('The checkpoint was signed with another key.')
  return keyFrom === 'reader'
    ? checked('The checkpoint is signed with the key you gave (Ed25519).')
    : unchecked('Who signed: the signature fits, but its key came with the file and proves only that the parts fit.')
}

function anchorCheck({ anchor }: ReportJudgement): Check {
  switch (anchor) {
    case 'not_given':
      return unchecked('Whether this is the only log that was signed: give a checkpoint that was kept elsewhere.')
    case 'same':
      return checked('The checkpoint you gave is the one of this file.')
    case 'other_size':
      return unchecked(
        'Your checkpoint covers another number of events and cannot be compared here: ask for a report with --checkpoint, or run ctxlock verify.',
      )
    default:
      return broken('The checkpoint you gave contradicts this file.')
  }
}

function runChecks({ runs }: ReportJudgement): Check[] {
  return runs.map(({ run, state, events, erased, expected }) => {
    const name = `Run ${run.slice(0, 8)}`
    if (expected !== events + erased)
      return broken(`${name}: ${expected} events promised, ${events} in the file, ${erased} erased.`)
    const gone = erased > 0 ? `; ${erased} more were erased by an order in the log` : ''
    if (state === 'complete')
      return checked(`${name}: all ${many(events, 'event')} that its end promises are here${gone}.`)
    if (state === 'incomplete')
      return unchecked(
        `${name} has no end: it was interrupted, or went on when this was written. Later events are not here.`,
      )
    return erased > 0
      ? note(`${name}: ${many(events, 'event')} left${gone}.`)
      : broken(`${name}: its events do not make up a run.`)
  })
}

function otherChecks({ records, statement }: ReportJudgement): Check[] {
  const named = records.filter(({ state }) => state === 'named').length
  const gone = statement.value?.records_missing.length ?? 0
  const STATEMENTS: Readonly<Record<typeof statement.state, Check>> = {
    signed: note(
      'The list of rules is the word of whoever wrote this file, signed with the same key; the log cannot prove it.',
    ),
    unsigned: unchecked(
      'The list of rules: the word of whoever wrote this file, with no signature that can be checked.',
    ),
    damaged: broken('The list of rules and the numbers of events were changed.'),
  }
  return [
    ...(named > 0 ? [checked(`${many(named, 'record')}: each has the hash that an event names.`)] : []),
    ...(gone > 0
      ? [unchecked(`${many(gone, 'record')} were no longer kept; what they say about sources is missing.`)]
      : []),
    STATEMENTS[statement.state],
  ]
}
