// The thread of hash-files.test.ts; its data is the root.
import * as files from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

import { answerHashFiles, createFileHasher } from '../src/files.ts'

if (parentPort) answerHashFiles(parentPort, createFileHasher({ files, root: String(workerData) }))
