// The thread that openWorkspaceHashing starts beside its own; the worker's data is its options.
import { parentPort, workerData } from 'node:worker_threads'

import { answerHashFiles } from '@ctxlock/core-hash/files'

import { createWorkspaceHasher, type DigestOptions } from './workspace-digests.ts'

const options: DigestOptions = workerData
if (parentPort) answerHashFiles(parentPort, createWorkspaceHasher(options))
