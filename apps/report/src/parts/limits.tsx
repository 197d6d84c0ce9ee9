import { Text } from './visible-text.tsx'

/** What even a verified report does not say. */
export function Limits({ writtenBy }: { readonly writtenBy: string | undefined }) {
  return (
    <section aria-labelledby="limits">
      <h2 id="limits">What this does not show</h2>
      <ul>
        <li>That a model would answer the same today, or that an answer is right.</li>
        <li>When something happened: times are those of the machine that recorded them.</li>
        <li>What was never recorded, or happened beside ctxlock.</li>
        <li>
          That this page itself was not exchanged. It brings its own verifier; where it matters, check the file with{' '}
          <code>npx @ctxlock/log-verifier --report</code> and the key you know.
        </li>
      </ul>
      <p class="quiet">
        Written by <Text>{writtenBy}</Text>. No network was used to show this page: its policy forbids it.
      </p>
    </section>
  )
}
