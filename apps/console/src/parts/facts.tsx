import type { ComponentChildren } from 'preact'

export interface FactsProps {
  readonly of: readonly (readonly [name: string, value: ComponentChildren])[]
  /** Short values stand two in a row where there is room. */
  readonly inPairs?: boolean
}

/** Names and values. */
export function Facts({ of, inPairs = false }: FactsProps) {
  return (
    <dl class={`facts ${inPairs ? 'pairs' : ''}`}>
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
