import type { ComponentChildren } from 'preact'

interface TableProps {
  /** For whoever does not see the heading above it. */
  readonly caption: string
  readonly columns: readonly string[]
  readonly children: ComponentChildren
}

/** A table that becomes a list of cards where there is no room for it. */
export function Table({ caption, columns, children }: TableProps) {
  return (
    <table>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

/** A cell; `name` stands before it in a card. */
export function Cell({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return <td data-name={name}>{children}</td>
}
