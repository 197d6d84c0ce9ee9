import { readSegment, segmentRange } from '../segment/segment-files.ts'
import type { SegmentFiles } from '../segment/segment-files.ts'
import type { Break } from './report.ts'

/** Names the files of a segment folder that hold anything but lines of their range. */
export function checkSegments(files: SegmentFiles): Break[] {
  return [...files.list()].flatMap((name): Break[] => {
    const range = segmentRange(name)
    return range && readSegment(files, range).isSound ? [] : [{ reason: 'edited_segment', from: 0, to: 0, ...range }]
  })
}
