/** A record under the name it has in the record of its call, as it was and as it is when it is made again. */
export interface RebuiltRecord {
  readonly field: string
  readonly recorded: unknown
  readonly rebuilt: unknown
}
