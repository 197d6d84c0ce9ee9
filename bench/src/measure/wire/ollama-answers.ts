/** What an Ollama server of one model answers to every question but a chat. */
export function ollamaAnswer(path: string | undefined, model: string): object {
  switch (path) {
    case '/api/tags':
      return { models: [{ name: model, model, size: 1, digest: 'd'.repeat(64) }] }
    case '/api/ps':
      return { models: [] }
    case '/api/show':
      return { details: {}, model_info: {}, capabilities: ['completion'] }
    default:
      return { version: '0.99.0' }
  }
}
