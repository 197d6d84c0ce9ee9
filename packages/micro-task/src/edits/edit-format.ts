// The one place that says how an answer states its edits. `EDIT_FORMAT_INSTRUCTION` is what the prompt says about it.

export const DIFF_TAG = 'mt_diff'
export const FILE_TAG = 'mt_file'

/** Goes into the rules of a prompt whose micro-task has the output `patch`. */
export const EDIT_FORMAT_INSTRUCTION = `State edits in blocks, each tag alone on its line, no code fences inside.
To change a file, a unified diff with three lines of unchanged context around each change:
<mt_diff>
--- a/src/example.ts
+++ b/src/example.ts
@@ -3,3 +3,3 @@
 unchanged line
-old line
+new line
 unchanged line
</mt_diff>
To write a file as a whole:
<mt_file path="src/example.ts">
every line of the file
</mt_file>
One block for each file, only files the task lists under modify or create. Nothing is deleted, renamed or made executable.`

/** UTF-16 units. An answer within them is read in time linear in its length, but for finding a hunk's place. */
export const EDIT_LIMITS = {
  answer: 4 * 1024 * 1024,
  /** Of one file after the edit. */
  file: 1024 * 1024,
  hunks: 1000,
  /** Lines compared while looking for the places of all hunks. */
  comparisons: 5_000_000,
} as const

export interface EditBlock {
  readonly kind: 'diff' | 'file'
  /** As it came; undefined in a diff, whose headers name its files. */
  readonly path: string | undefined
  readonly lines: readonly string[]
}
