import type { ReaderKnowledge } from '@ctxlock/log-verifier/browser'
import { useEffect, useState } from 'preact/hooks'

import { Text } from './visible-text.tsx'

interface KnowledgeProps {
  readonly publicKey: string | null
  readonly known: ReaderKnowledge
  /** Why what was given last could not be used. */
  readonly failure: string | undefined
  readonly onKnown: (known: ReaderKnowledge) => void
}

/** Where a reader says which key, and which checkpoint, they know from elsewhere. */
export function Knowledge({ publicKey, known, failure, onKnown }: KnowledgeProps) {
  const fingerprint = useFingerprint(publicKey)
  const { key: _key, ...withoutKey } = known
  const { checkpoint: _checkpoint, ...withoutCheckpoint } = known
  return (
    <details class="knowledge" open>
      <summary>What you know from elsewhere</summary>
      {publicKey !== null && (
        <div class="own-key">
          <p>The key in this file. Compare its fingerprint with one you were told by whoever signs the log:</p>
          <p class="fingerprint">{fingerprint.match(/.{8}/g)?.join(' ')}</p>
          <p class="key quiet">
            <Text>{publicKey}</Text>
          </p>
          <button
            type="button"
            disabled={known.key === publicKey}
            onClick={() => onKnown({ ...known, key: publicKey })}
          >
            I compared it: this is the key I know
          </button>
        </div>
      )}
      <div class="givens">
        <Given
          id="key"
          label="The public key you know"
          placeholder="name+id+key"
          value={known.key ?? ''}
          onValue={(key) => onKnown(key === '' ? withoutKey : { ...known, key })}
        />
        <Given
          id="checkpoint"
          label="A checkpoint of the log that was kept elsewhere"
          placeholder="from a git ref, a colleague, an anchor"
          value={known.checkpoint ?? ''}
          onValue={(checkpoint) => onKnown(checkpoint === '' ? withoutCheckpoint : { ...known, checkpoint })}
        />
      </div>
      {failure !== undefined && (
        <p class="refused" role="alert">
          Not used: {failure}
        </p>
      )}
    </details>
  )
}

interface GivenProps {
  readonly id: string
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onValue: (value: string) => void
}

/** A text that is pasted, or chosen as a file. */
function Given({ id, label, placeholder, value, onValue }: GivenProps) {
  const choose = async (files: FileList | null) => {
    const [file] = files ?? []
    if (file) onValue((await file.text()).trim())
  }
  return (
    <div class="given">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={4}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        value={value}
        onChange={(event) => onValue(event.currentTarget.value.trim())}
      />
      <label class="file">
        or choose a file
        <input type="file" onChange={(event) => void choose(event.currentTarget.files)} />
      </label>
    </div>
  )
}

/** SHA-256 of the key's text, as `ctxlock report` prints it. */
function useFingerprint(publicKey: string | null): string {
  const [fingerprint, setFingerprint] = useState('')
  useEffect(() => {
    void crypto.subtle
      .digest('SHA-256', new TextEncoder().encode(publicKey?.trim() ?? ''))
      .then((digest) =>
        setFingerprint(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')),
      )
  }, [publicKey])
  return fingerprint
}
