export { createOllama } from './ollama.ts'
export { ollamaPlugin } from './plugin.ts'
