import { closedText } from '@ctxlock/contracts/closed-copy'
import type { UnhashedEvent } from '@ctxlock/contracts/events'

/** The canonical text that is hashed (REC-008), of an event as `checkUnhashed` returns it. */
export const eventText: (event: UnhashedEvent) => string = closedText
