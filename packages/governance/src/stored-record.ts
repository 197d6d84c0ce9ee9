/** A schema of contracts. */
interface RecordSchema<T> {
  safeParse(value: unknown): { readonly data?: T | undefined }
}

/** What a row holds, or `undefined` when that is no such record any more: the database file is outside our control. */
export function storedRecord<T>(schema: RecordSchema<T>, text: unknown): T | undefined {
  try {
    return schema.safeParse(JSON.parse(String(text))).data
  } catch {
    return undefined
  }
}
