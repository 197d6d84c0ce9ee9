/** git's data and ours: never sources, by whatever link they are reached (a key would go to the model). */
export function isOwnPath(path: string): boolean {
  return /(?:^|[/\\])\.(?:git|ctxlock)(?:[/\\]|$)/i.test(path)
}
