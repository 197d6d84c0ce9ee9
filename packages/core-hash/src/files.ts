export { createFileHasher, type FileDigest, type FileHasher, type FileProblem } from './files/file-hasher.ts'
export type { FileStatus, FileSystem } from './files/file-system.ts'
export {
  createFileReader,
  type FileLoan,
  type FileReader,
  type FileReaderOptions,
  type FileReadProblem,
} from './files/file-reader.ts'
export {
  answerHashFiles,
  hashFiles,
  openFileHashing,
  type FileHashing,
  type HashFilesOptions,
} from './files/hash-files.ts'
