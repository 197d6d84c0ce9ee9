import { expect, test } from 'vitest'

import { extractWith } from '../../test/extract.ts'

const SOURCE = `# -*- coding: utf-8 -*-
"""Reads settings.

A caller MUST close what it opens.
"""
from __future__ import annotations
import os, sys
from .a import (
    b as c,
)

LIMIT: int = 10
_token = "not shown"

# TODO: split it
@final
class Store(Base[T]):
    @property
    # between
    def size(self) -> int: ...
    async def _read(self): ...
`

test('facts, demands and open ends', async () => {
  const { facts, constraints, openLoops, summary } = await extractWith('a.py', SOURCE)
  expect(summary).toBe('Reads settings. A caller MUST close what it opens.')
  expect(constraints).toEqual([
    { text: 'A caller MUST close what it opens.', severity: 'hard', startLine: 4, endLine: 4 },
  ])
  expect(openLoops).toEqual([{ text: 'TODO: split it', startLine: 15, endLine: 15 }])
  expect(facts?.map(({ text }) => text)).toEqual([
    'from __future__ import annotations; import os, sys; from .a import ( b as c, )',
    'LIMIT: int',
    '@final class Store(Base[T])',
    '@property # between def size(self) -> int',
  ])
})
