import type { TokenStream } from './token-stream.ts'
import { scanType, scanTypeArguments } from './types.ts'

export interface ScannedFunction {
  /** Undefined without one. */
  readonly name?: string
  /** Undefined for an overload or a declaration, which end without a body. */
  readonly bodyStart?: number
}

/** Goes behind the function whose `function` is the current token. */
export function scanFunction(tokens: TokenStream): ScannedFunction {
  tokens.expect('function')
  tokens.take('*')
  const name = tokens.kind === 'word' ? tokens.value : undefined
  if (name !== undefined) tokens.advance()
  const bodyStart = scanParametersAndBody(tokens)
  return { ...(name !== undefined && { name }), ...(bodyStart !== undefined && { bodyStart }) }
}

/** From type parameters or parameters to behind the body; returns where that started. */
export function scanParametersAndBody(tokens: TokenStream): number | undefined {
  const { hasTypes } = tokens.source
  if (hasTypes && tokens.is('<')) scanTypeArguments(tokens)
  if (!tokens.is('(')) tokens.expect('(')
  tokens.skipGroup()
  if (hasTypes && tokens.take(':')) scanType(tokens)
  if (!tokens.is('{')) return undefined
  const bodyStart = tokens.start
  tokens.skipGroup()
  return bodyStart
}
