import { textLines } from './byte-lines.ts'
import { MAX_ITEM_BYTES } from './stream-item.ts'
import type { StreamItem } from './stream-item.ts'

/** One JSON document per line. A last line without line end counts as whole only to whoever can parse it. */
export async function* jsonLines(
  chunks: AsyncIterable<Uint8Array>,
  maxItemBytes = MAX_ITEM_BYTES,
): AsyncGenerator<StreamItem, void, undefined> {
  for await (const lines of textLines(chunks, { carriageReturn: false, maxLineBytes: maxItemBytes })) {
    for (const { text, terminated, validUtf8 } of lines) {
      if (text.trim() !== '') yield { data: text, complete: terminated, validUtf8 }
    }
  }
}
