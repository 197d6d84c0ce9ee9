/**
 * Fewest tokens a text can take: tokenizers in use keep words apart, so there is at least one token per word; scripts
 * written without spaces fall back to 16 bytes a token, more than any of them packs.
 */
export function fewestTokens(texts: readonly string[]): number {
  let tokens = 0
  for (const text of texts) {
    let words = 0
    let bytes = 0
    let inWord = false
    // One pass over code units: prompts may be megabytes, and this runs for every call.
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at)
      const space = unit <= 0x20 || unit === 0xa0 || unit === 0x3000
      if (!space) bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
      if (!space && !inWord) words += 1
      inWord = !space
    }
    tokens += Math.max(words, Math.ceil(bytes / 16))
  }
  return tokens
}

/**
 * Whether the reported prompt is too small to be the one that was sent: some servers cut prompts without a word. A fifth
 * is left for tokenizers that join words, and short prompts are never judged.
 */
export function looksTruncated(reportedTokens: number | null, fewest: number): boolean {
  return reportedTokens !== null && fewest >= 64 && reportedTokens < fewest * 0.8
}
