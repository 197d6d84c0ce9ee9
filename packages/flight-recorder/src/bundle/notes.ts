import type { BundleRedaction } from '@ctxlock/contracts/evidence-bundle'

const LEFT_OUT: Readonly<Record<BundleRedaction, string>> = {
  none: 'Nothing is left out but objects that are classified high or hold a secret; each says so in its line. Events hold their salts: whoever has this file can check them, and try guesses against what they hash.',
  names:
    'Names, paths, texts, content hashes, salts, objects and receipts are left out. Where a name stood there is a digest under a key that stays with the exporter: equal names have equal digests. What is shown of an event is the word of who signed this file; its hash and its place are proved.',
  all: 'Of each event only hash and place are here. That these are the events of the run, and all of them, is the word of who signed this file.',
}

/** How the file can be checked, what its redaction left out, and what a check does not show. For people; no checker reads them. */
export function verifierNotes(redaction: BundleRedaction): string[] {
  return [
    'Check with: ctxlock verify-bundle <file> --key <public key>; or, without any code of ctxlock: log-verifier --bundle <file> --key <public key>. Get the key another way than this file.',
    'By hand: each line is canonical JSON (RFC 8785). The seal is a C2SP signed note over the number of lines before it and the SHA-256 of their bytes. event_hash is the SHA-256 of the text of an event; the leaf at seq - 1 is SHA-256(0x00 || event_hash); inclusion leads from it to the root in the last checkpoint (RFC 6962).',
    LEFT_OUT[redaction],
    'Shown: the log that was signed with this key holds these events at these places. Give checkpoints that were kept elsewhere with --anchor, and it also shows that the log was the same then.',
    'Not shown: when anything was signed; that the log tells the truth; what else it holds; that a run without an end lost nothing at its end; that whoever holds the key did not write another log.',
  ]
}
