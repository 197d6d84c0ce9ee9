/** The tool calls of one retrieval: one for each search or rebuild, one for each source opened (spec 04 section 4). */
export interface ToolCalls {
  readonly left: number
  /** Those not spent on opening sources. */
  readonly searches: number
  /** Takes one, or says that none is left. */
  take(): boolean
}

/** `opened` is shared with whoever reads sources; its size counts. */
export function toolCalls(maximum: number, opened: ReadonlySet<string>): ToolCalls {
  let searches = 0
  return {
    get left() {
      return maximum - searches - opened.size
    },
    get searches() {
      return searches
    },
    take() {
      if (searches + opened.size >= maximum) return false
      searches += 1
      return true
    },
  }
}
