/** More help nobody who reads them, and clients close a connection on a message of more than 10 MB. */
const MAX_LISTED = 200
const MAX_LISTED_OF_ONE = 20

/** The answer with the first entries of each list, and how many were left out: after a change of branch every file differs. */
export function boundedAnswer(answer: Readonly<Record<string, unknown>>): Record<string, unknown> {
  let leftOut = 0
  return { ...members(answer, MAX_LISTED), left_out: leftOut }

  function members(value: object, limit: number): Record<string, unknown> {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, bounded(member, limit)]))
  }

  function bounded(value: unknown, limit: number): unknown {
    if (Array.isArray(value)) {
      leftOut += Math.max(0, value.length - limit)
      return value.slice(0, limit).map((item) => bounded(item, MAX_LISTED_OF_ONE))
    }
    return typeof value === 'object' && value !== null ? members(value, limit) : value
  }
}
