/** Follows JSON text that comes in pieces, and knows when its object is whole. Each character is looked at once. */
export function followObject(): { add(piece: string): void; readonly closed: boolean } {
  let depth = 0
  let opened = false
  let inString = false
  let escaped = false
  return {
    add(piece) {
      for (const character of piece) {
        if (escaped) escaped = false
        else if (inString) {
          escaped = character === '\\'
          inString = character !== '"'
        } else if (character === '"') inString = true
        else if (character === '{' || character === '[') depth += 1
        else if (character === '}' || character === ']') depth -= 1
        opened ||= depth > 0
      }
    },
    get closed() {
      return opened && depth === 0
    },
  }
}
