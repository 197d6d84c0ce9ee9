// Kept equal to package.json by a test; read from here so that `--version` opens no file.
export const RUNNER_VERSION = '0.1.0'
