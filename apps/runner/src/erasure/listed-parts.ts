/** As many items as one list of an event may have (REC-012). */
const MAX_LISTED = 256

/** What is too much for one event, in parts for several. */
export function listedParts<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / MAX_LISTED) }, (_, part) =>
    items.slice(part * MAX_LISTED, (part + 1) * MAX_LISTED),
  )
}
