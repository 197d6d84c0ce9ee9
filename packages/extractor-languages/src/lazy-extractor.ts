import { ExtractorNotPrepared, type Extractor } from '@ctxlock/contracts/extractor'

export type Extract = Extractor['extract']

/** An extractor that costs nothing until `prepare` is called: naming its version loads no parser. */
export function lazyExtractor(
  { name, version, matches }: Pick<Extractor, 'name' | 'version' | 'matches'>,
  load: () => Promise<Extract>,
): Extractor {
  let loading: Promise<Extract> | undefined
  let extract: Extract | undefined
  return {
    name,
    version,
    matches,
    async prepare() {
      extract = await (loading ??= load())
    },
    extract(text, path) {
      if (!extract) throw new ExtractorNotPrepared(name)
      return extract(text, path)
    },
  }
}
