import type { Embedder } from '@ctxlock/contracts/ports'

/** Knows three meanings, so that words which share no letter can be near each other. */
const MEANINGS = [/parcel|package|box/gi, /hash|checksum|digest/gi, /train|depot|rail/gi]

/** An embedder whose model can be exchanged; `asked` holds every text it was given but for the probe. */
export function meaningEmbedder(id = 'meanings@1') {
  const asked: string[] = []
  const model = { revision: 'rev-1' as string | undefined, turned: false, dimensions: 3 }
  const embedder: Embedder = {
    id,
    revision: async () => model.revision,
    async embed(texts) {
      asked.push(...texts.filter((text) => !text.startsWith('The quick brown fox')))
      return texts.map((text) => {
        const vector = MEANINGS.map((words, place) => 0.01 * (place + 1) + (text.match(words)?.length ?? 0))
        return (model.turned ? vector.toReversed() : vector).slice(0, model.dimensions)
      })
    },
  }
  return { embedder, asked, model }
}
