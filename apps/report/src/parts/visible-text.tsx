import { codePointName, HIDDEN_CHARACTER } from '@ctxlock/console/visible-text'

/** Text of the file: as text, with what would hide or turn it made visible. */
export function Text({ children }: { readonly children: string | undefined }) {
  if (children === undefined) return <span class="unknown">unknown</span>
  if (!HIDDEN_CHARACTER.test(children)) return <bdi>{children}</bdi>
  return (
    <bdi>
      {Array.from(children, (character, at) =>
        HIDDEN_CHARACTER.test(character) ? (
          <mark key={at} class="invisible">
            {codePointName(character)}
          </mark>
        ) : (
          character
        ),
      )}
    </bdi>
  )
}
