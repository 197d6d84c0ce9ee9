import { expect, test } from 'vitest'

import { mountedFileSystems } from './mounted-file-systems.ts'

const ROOT = '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw'

test('each place once, outer ones first, with the flags of what was mounted there last', () => {
  const lines = [
    ROOT,
    '31 27 0:28 / /a/b rw - tmpfs tmpfs rw',
    '30 27 0:27 / /a rw,nosuid - tmpfs tmpfs rw',
    '32 30 0:29 / /a ro,nosuid shared:3 - tmpfs tmpfs ro',
    '33 27 0:30 / /with\\040blank rw - tmpfs tmpfs rw',
    '',
  ]
  expect(mountedFileSystems(lines.join('\n'))).toEqual([
    { path: '/', flags: 'rw,relatime' },
    { path: '/a', flags: 'ro,nosuid' },
    { path: '/with blank', flags: 'rw' },
  ])
})

test('what a later mount covers is left out, with all that is mounted within it', () => {
  const lines = [
    ROOT,
    '40 27 0:1 / /mnt/deep/inner rw - tmpfs tmpfs rw',
    '41 40 0:2 / /mnt/deep/inner/more rw - tmpfs tmpfs rw',
    '42 27 0:3 / /mnt rw - tmpfs tmpfs rw',
    '43 42 0:4 / /mnt/new rw - tmpfs tmpfs rw',
    '44 27 0:5 / /mntother rw - tmpfs tmpfs rw',
  ]
  expect(mountedFileSystems(lines.join('\n')).map(({ path }) => path)).toEqual(['/', '/mnt', '/mnt/new', '/mntother'])
})
