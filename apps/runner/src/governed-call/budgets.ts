// How the tokens of one call are divided (spec 08 section 5). Counted by the call's own token counter.
export const PREFIX_TOKENS = 1600
export const SUFFIX_TOKENS = 2600
export const TOTAL_TOKENS = PREFIX_TOKENS + SUFFIX_TOKENS
