export { createOpenAiCompat } from './openai-compat.ts'
export { OpenAiCompatOptions } from './options.ts'
export { openAiCompatPlugin } from './plugin.ts'
