import { useState } from 'preact/hooks'

import type { Tone } from '../api.ts'

const TONE_OF_STATE: Readonly<Record<string, Tone>> = {
  running: 'live',
  waiting: 'warn',
  interrupted: 'warn',
  completed: 'good',
  approved: 'good',
  used: 'good',
  accepted: 'good',
  failed: 'bad',
  denied: 'bad',
  revoked: 'bad',
  rejected: 'bad',
  poisoned: 'bad',
}

/** A state in a word and a colour; the word says everything the colour does. */
export function Badge({ of, tone }: { readonly of: string; readonly tone?: Tone }) {
  return <span class={`badge ${tone ?? TONE_OF_STATE[of] ?? 'plain'}`}>{of.replaceAll('_', ' ')}</span>
}

/** The beginning of a hash; all of it on request, and for a screen reader. */
export function Hash({ of, digits = 12 }: { readonly of: string; readonly digits?: number }) {
  return (
    <code class="hash" title={of}>
      {of.slice(0, digits)}
    </code>
  )
}

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export function Time({ at, clockOnly = false }: { readonly at: string; readonly clockOnly?: boolean }) {
  const format = clockOnly ? CLOCK : TIME
  return (
    <time dateTime={at} title={at}>
      {format.format(new Date(at))}
    </time>
  )
}

/** A command as it is typed, with a button that copies it. */
export function Command({ of }: { readonly of: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(of).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <span class="command">
      <code>{of}</code>
      <button type="button" class="quiet" onClick={() => void copy()} aria-label={`Copy ${of}`}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </span>
  )
}

const NUMBER = new Intl.NumberFormat()

export function Count({ of, unit }: { readonly of: number; readonly unit?: string }) {
  return (
    <span class="number">
      {NUMBER.format(of)}
      {unit === undefined ? '' : `\u00a0${unit}`}
    </span>
  )
}
