/**
 * SQL for an integer as JavaScript can have it: SQLite stores larger ones, whoever can write the file may have put one anywhere, and
 * reading it would throw. The nearest safe one stands for it, where no event can be.
 */
export function safeInteger(sql: string): string {
  return `max(min(${sql}, ${Number.MAX_SAFE_INTEGER}), ${Number.MIN_SAFE_INTEGER})`
}
