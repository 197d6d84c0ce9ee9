/** Characters that change how others look, or that nobody sees: controls, invisible ones, and those that turn the direction. */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u00A0\u115F\u1160\u2000-\u200A\u202F\u205F\u2800\u3000\u3164\uFFA0]/u

/** Text of the file: as text, with what would hide or turn it made visible. */
export function Text({ children }: { readonly children: string | undefined }) {
  if (children === undefined) return <span class="unknown">unknown</span>
  if (!HIDDEN.test(children)) return <bdi>{children}</bdi>
  return (
    <bdi>
      {Array.from(children, (character, at) =>
        HIDDEN.test(character) ? (
          <mark key={at} class="hidden-character">
            U+{(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}
          </mark>
        ) : (
          character
        ),
      )}
    </bdi>
  )
}
