// The thread a log is verified on, which may take minutes; the console answers meanwhile.
import { parentPort, workerData } from 'node:worker_threads'

import { verification, type VerificationOptions } from './verification.ts'

const options: VerificationOptions = workerData
parentPort?.postMessage(await verification(options))
