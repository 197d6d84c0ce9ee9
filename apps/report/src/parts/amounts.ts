const whole = new Intl.NumberFormat('en')

/** A number for people; what is not known is said so, and is no zero. */
export function amount(value: number | undefined, unit = ''): string {
  return value === undefined ? 'unknown' : `${whole.format(value)}${unit}`
}

/** Millionths of a dollar as dollars. */
export function dollars(micro: number | undefined): string {
  return micro === undefined ? 'unknown' : `$${(micro / 1e6).toFixed(6)}`
}

/** A sum of what is known, and how many parts of it are not. */
export function total(values: readonly (number | undefined)[]): {
  readonly known: number | undefined
  readonly unknown: number
} {
  const known = values.filter((value) => value !== undefined)
  const sum = known.length === 0 ? undefined : known.reduce((one, other) => one + other, 0)
  return { known: sum, unknown: values.length - known.length }
}

/** `2026-11-22 07:12:03.123 UTC` of a canonical timestamp. */
export function moment(timestamp: string | undefined): string {
  return timestamp === undefined ? 'unknown' : timestamp.replace('T', ' ').replace('Z', ' UTC')
}

export function many(count: number, one: string, more = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : more}`
}
