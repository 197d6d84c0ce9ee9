// The thread that digestWorkspaceFiles starts beside its own; the worker's data is the workspace root.
import { parentPort, workerData } from 'node:worker_threads'

import { answerHashFiles } from '@ctxlock/core-hash/files'

import { createWorkspaceHasher } from './workspace-digests.ts'

if (parentPort && typeof workerData === 'string') answerHashFiles(parentPort, createWorkspaceHasher(workerData))
