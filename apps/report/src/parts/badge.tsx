import type { ComponentChildren } from 'preact'

export type Tone = 'plain' | 'good' | 'warn' | 'bad'

const SIGNS: Readonly<Record<Tone, string>> = { plain: '·', good: '✓', warn: '!', bad: '✕' }

/** A word with a colour and, for whoever sees none, a sign. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class="badge" data-tone={tone}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {children}
    </span>
  )
}
