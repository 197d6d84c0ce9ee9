export function poison(..._: unknown[]): void {}
