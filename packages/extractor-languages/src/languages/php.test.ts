import { expect, test } from 'vitest'

import { anchorLines, extractWith } from '../../test/extract.ts'

test('what stands in the global namespace in braces is declared as if it stood alone', async () => {
  const text = `<?php
namespace {
    /** Helps. */
    function help() {}
    class Shelf { function size() {} }
}
namespace Shop\\Goods {
    function inner() {}
}
`
  expect(anchorLines((await extractWith('a.php', text)).anchors)).toBe(
    `3-4 function help
5-5 class Shelf
  5-5 method Shelf.size
7-9 namespace Shop\\Goods
  8-8 function Shop\\Goods.inner
`,
  )
})
