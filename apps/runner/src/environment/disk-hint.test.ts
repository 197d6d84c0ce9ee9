import { expect, test } from 'vitest'

import { diskHint } from './disk-hint.ts'

const coded = (properties: object, cause?: unknown) => Object.assign(new Error('refused', { cause }), properties)

test.each([
  ['a call', { code: 'ENOSPC' }],
  ['a quota', { code: 'EDQUOT' }],
  ['SQLite', { code: 'ERR_SQLITE_ERROR', errcode: 13 }],
  ['SQLite of its shared memory', { code: 'ERR_SQLITE_ERROR', errcode: 10 + (19 << 8) }],
])('a disk that is full, as %s says it, has to be freed, however often the error was wrapped', (_, properties) => {
  const hint = diskHint(coded({ code: 'HSK-500-DB' }, coded({}, coded(properties))))
  expect(hint).toContain('free space')
})

test.each([{ code: 'EIO' }, { code: 'EINTR' }, { errcode: 10 }, { errcode: 10 + (4 << 8) }])(
  'a disk that failed with %o may do better at once',
  (properties) => expect(diskHint(coded(properties))).toContain('Run the command again'),
)

test.each([coded({ code: 'ENOENT' }), coded({ errcode: 11 }), new Error('EIO'), 'EIO', undefined])(
  '%o is something else',
  (error) => expect(diskHint(error)).toBeUndefined(),
)
