// Canonical text piece by piece, for whoever knows the shape of what it writes.
export { memberLabel } from './key-plan.ts'
export { writeNumber } from './number-writer.ts'
export { mayChangeInNfc, writeString } from './string-writer.ts'
export { fixedText, Utf8Buffer, type FixedText } from './utf8-buffer.ts'
