import { CommandError } from '../../command-error.ts'
import type { CommandContext } from '../../command-line/command-context.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import type { TryOptions } from './try-options.ts'

/** `ctxlock try lock|egress|blackbox`: shows on the visitor's own files what ctxlock does, and writes nothing there. */
export async function tryCommand([what = '']: readonly string[], context: CommandContext<TryOptions>): Promise<number> {
  switch (what) {
    case 'lock':
      return (await import('./try-lock.ts')).tryLock(context)
    case 'egress':
      return (await import('./try-egress.ts')).tryEgress(context)
    case 'blackbox':
      return (await import('./try-blackbox.ts')).tryBlackbox(context)
    default:
      throw unknownTrial(what)
  }
}

function unknownTrial(what: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'USAGE',
    message: `expected \`ctxlock try lock\`, \`egress\` or \`blackbox\`; got \`ctxlock try ${what.slice(0, 40)}\``,
    hint: '`ctxlock try --help` says what each shows.',
  })
}
