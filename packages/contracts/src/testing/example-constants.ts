export const EXAMPLE_TIME = '2026-11-20T12:00:00.000Z'
export const EXAMPLE_HASH = 'a'.repeat(64)
export const EXAMPLE_QUERY = 'where is a defined?'

/** One UUID for each digit. */
export function exampleUuid(digit: string): string {
  return `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`
}
