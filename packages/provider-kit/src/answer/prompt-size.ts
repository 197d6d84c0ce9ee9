/**
 * Fewest tokens a text can take: tokenizers in use keep words apart, so there is at least one token per word; scripts
 * written without spaces fall back to 16 bytes a token, more than any of them packs.
 */
export function fewestTokens(texts: readonly string[]): number {
  let tokens = 0
  for (const text of texts) {
    let words = 0
    let bytes = 0
    for (const [word] of text.matchAll(/\S+/g)) {
      words += 1
      bytes += Buffer.byteLength(word)
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
