// Writes vectors/packs after a change that is meant to change packs: `node packages/context-pack/scripts/write-vectors.ts`.
import { mkdirSync, writeFileSync } from 'node:fs'

import { vectorFiles } from '../test/vector-cases.ts'

const folder = new URL('../../../vectors/packs/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, content] of vectorFiles()) writeFileSync(new URL(name, folder), content)
