/** For `LIKE ? || '%' ESCAPE '\'`: the beginning of an id as a person typed it. */
export function likePrefix(name: string): string {
  return name.replace(/[\\%_]/g, String.raw`\$&`)
}
