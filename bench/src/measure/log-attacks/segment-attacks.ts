// Changes to the file of a sealed range, each with the positions that have to be broken.
import { draftOf } from '../../../../packages/contracts/src/testing.ts'
import {
  SEALED_TEXT,
  carryOutErasures,
  dropSealed,
  sealableSegments,
  sealedTextReader,
  verifyLog,
  writeSegment,
} from '../../../../packages/flight-recorder/src/index.ts'
import type { SegmentFiles } from '../../../../packages/flight-recorder/src/index.ts'
import { judgeRecord, readRecord, readSealedTexts } from '../../../../packages/log-verifier/src/index.ts'
import { attackedLog } from './attacked-log.ts'

const LATE = '2030-01-01T00:00:00.000Z'
const SEALED = 256

/** Changes the lines at a position; undefined removes the file. */
type SegmentAttack = (lines: readonly string[], at: number, pick: number) => readonly string[] | undefined

const ATTACKS: Readonly<Record<string, SegmentAttack>> = {
  'one character of a line': (lines, at, pick) => {
    const line = lines[at] ?? ''
    // Behind the position, so that it stays the line of its event.
    const place = line.lastIndexOf('"step_id"') + 11 + (pick % 3)
    return lines.with(at, `${line.slice(0, place)}~${line.slice(place + 1)}`)
  },
  'a line taken out': (lines, at) => lines.toSpliced(at, 1),
  'a line that is cut': (lines, at, pick) => lines.with(at, (lines[at] ?? '').slice(0, pick % 100)),
  'another event in its line': (lines, at, pick) =>
    lines.with(
      at,
      JSON.stringify({ ...JSON.parse(lines[pick % lines.length] ?? ''), seq: JSON.parse(lines[at] ?? '').seq }),
    ),
  'the file taken away': () => undefined,
}

/** Attacks a sealed log that many times; says what was not called what it has to be called, or not by both verifiers. */
export async function attackSegments(count: number, below: (bound: number) => number) {
  using log = await attackedLog(60, 0, true)
  const stored = new Map<string, string>()
  const files: SegmentFiles = {
    list: () => [...stored.keys()],
    read: (name) => stored.get(name),
    write: (name, text) => void stored.set(name, text),
    remove: (name) => void stored.delete(name),
  }
  const segments = sealableSegments(log.database, LATE)
  for (const range of segments) writeSegment(log.database, files, range)
  await log.record({ ...draftOf('log_sealed'), payload: { segments } })
  const dropped = dropSealed(log.database, files)
  if (dropped !== SEALED - log.erased.size) throw new Error(`Expected a sealed tile, got ${dropped} events.`)
  carryOutErasures({ database: log.database, segments: files })

  const [[name = '', text = ''] = []] = stored
  const lines = text.trimEnd().split('\n')
  const tally = { attacks: 0, wrong: 0, disagreements: 0 }
  while (tally.attacks < count) {
    const [at, pick] = [below(lines.length), below(1_000_000)]
    const kinds = Object.entries(ATTACKS)
    const [kind = '', change] = kinds[below(kinds.length)] ?? []
    const changed = change?.(lines, at, pick)
    if (changed?.join() === lines.join()) continue
    if (changed) stored.set(name, `${changed.join('\n')}\n`)
    else stored.delete(name)
    const position = Number(JSON.parse(lines[at] ?? '').seq)
    const expected = changed ? [position] : lines.map((line) => Number(JSON.parse(line).seq))

    const read = sealedTextReader(files)
    log.database.function(SEALED_TEXT, (seq) => read(Number(seq)))
    const first = verifyLog({ ...log, segments: files })
    const notes = log.kept.flatMap((one) => (one.state === 'kept' ? [one.note] : []))
    const second = await judgeRecord(readRecord(log.database, readSealedTexts(stored)), log.publicKey, notes)
    const broken = first.ranges.flatMap(({ state, from, to }) =>
      state === 'broken' ? Array.from({ length: to - from + 1 }, (_, offset) => from + offset) : [],
    )
    const isRight = first.verdict === 'broken' && broken.join() === expected.join()
    const isSame = first.verdict === second.verdict && JSON.stringify(first.ranges) === JSON.stringify(second.ranges)
    tally.attacks += 1
    if (!isRight) tally.wrong += 1
    if (!isSame) tally.disagreements += 1
    if (!isRight || !isSame)
      console.log(`${kind} at ${position}: ${JSON.stringify(first.ranges)}, ${JSON.stringify(second.ranges)}`)
    stored.set(name, text)
  }
  return tally
}
