import { useState } from 'preact/hooks'

/** A hash, short until somebody wants all of it; on paper always whole. */
export function Hash({ children }: { readonly children: string | undefined }) {
  const [isWhole, setWhole] = useState(false)
  if (children === undefined) return <span class="unknown">unknown</span>
  return (
    <button
      type="button"
      class="hash"
      aria-expanded={isWhole}
      title="Show all of it"
      onClick={() => setWhole(!isWhole)}
    >
      {children.slice(0, 12)}
      <span class={isWhole ? undefined : 'folded'}>{children.slice(12)}</span>
      <span class={isWhole ? 'folded' : 'on-screen'}>…</span>
    </button>
  )
}
