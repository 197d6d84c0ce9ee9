import { ProviderError } from '@ctxlock/contracts/provider'

import { encodeSpans } from './encode-spans.ts'
import type { EventSpan } from './event-span.ts'
import { sendSpans, type Collector } from './send-spans.ts'

export interface SpanOfEvent {
  readonly seq: number
  readonly span: EventSpan
}

export interface Delivered {
  /** Spans that were taken, or of which the collector rejected some. */
  readonly sent: number
  readonly rejected: number
  /** Positions of events whose spans it called bad data. */
  readonly refused: readonly number[]
}

/**
 * What one export hands to a collector. Spans that it calls bad data are halved until those remain that it does not want: one of them
 * would keep back everything after it. They count as refused once the collector has taken others; one that takes none is no collector of these.
 */
export interface Delivery {
  /** Throws `ProviderError`: whether these were taken is not known, and they may be sent again later. */
  deliver(spans: readonly SpanOfEvent[]): Promise<void>
  /** False while something was refused and nothing was taken. */
  isSettled(): boolean
  /** Throws `ProviderError` when something was refused and nothing was taken. */
  end(): Delivered
}

/** The protocol's word for data that is not to be sent again (OTLP 1.x, failures), and a request that is too long. */
const BAD_DATA: ReadonlySet<number | undefined> = new Set([400, 413])
/** More in a row mean that the collector wants none at all. */
const MOST_REFUSED_IN_A_ROW = 32

export function openDelivery(collector: Collector, schemaUrl: string | undefined): Delivery {
  let [sent, rejected, inARow] = [0, 0, 0]
  const refused: number[] = []
  let refusal: ProviderError | undefined
  const isSettled = () => sent > 0 || refusal === undefined

  async function deliver(spans: readonly SpanOfEvent[]): Promise<void> {
    const [first] = spans
    if (!first) return
    try {
      rejected += await sendSpans(
        collector,
        encodeSpans(
          spans.map(({ span }) => span),
          schemaUrl,
        ),
      )
      sent += spans.length
      inARow = 0
    } catch (error) {
      if (!(error instanceof ProviderError) || !BAD_DATA.has(error.status)) throw error
      if (spans.length > 1) {
        const middle = Math.ceil(spans.length / 2)
        await deliver(spans.slice(0, middle))
        await deliver(spans.slice(middle))
        return
      }
      refusal = error
      refused.push(first.seq)
      inARow += 1
      if (inARow > MOST_REFUSED_IN_A_ROW) throw error
    }
  }

  return {
    deliver,
    isSettled,
    end() {
      if (!isSettled()) throw refusal
      return { sent, rejected, refused }
    },
  }
}
