import { expect, test } from 'vitest'

import { commandWords } from './command-words.ts'

test.each([
  ['npm test', ['npm', 'test']],
  ['  node   --test  src/a.test.ts ', ['node', '--test', 'src/a.test.ts']],
  [`grep -c "two words" a.txt`, ['grep', '-c', 'two words', 'a.txt']],
  [`node -e 'process.exit(1); // $HOME && *'`, ['node', '-e', 'process.exit(1); // $HOME && *']],
  [`a x'y z'"w"`, ['a', 'xy zw']],
  [`a ''`, ['a', '']],
  ['a b=c#d~e', ['a', 'b=c#d~e']],
])('%s', (command, words) => expect(commandWords(command)).toEqual({ ok: true, words }))

test.each([
  '',
  '   ',
  `''`,
  'a; b',
  'a && b',
  'a | b',
  'a > b',
  'a < b',
  'a & ',
  'a $HOME',
  'a "$HOME"',
  'a `b`',
  'a $(b)',
  'a\nb',
  'a *.ts',
  'a [b]',
  'a {b,c}',
  'a ~/b',
  'a #b',
  'a \\b',
  'a !b',
  'A=b c',
  `a 'b`,
  'a "b',
])('%j is refused', (command) =>
  expect(commandWords(command)).toMatchObject({ ok: false, refusal: { code: 'COMMAND_MALFORMED' } }),
)
