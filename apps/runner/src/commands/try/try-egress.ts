import { CommandError } from '../../command-error.ts'
import type { CommandContext } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { terminalPerson, type Person } from '../../consent/person.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import type { Output } from '../../output/output.ts'
import { denier, yesSayer } from '../../try/egress/attacks.ts'
import type { Attempt } from '../../try/egress/attempt.ts'
import { answerLine, attackLine, disclosedLines, NO_RECEIPT, trialJson } from '../../try/egress/report.ts'
import { openSink } from '../../try/egress/sink.ts'
import { egressTrial, isHeld } from '../../try/egress/trial.ts'
import { withScratchFolder } from '../../try/scratch-folder.ts'
import type { TryOptions } from './try-options.ts'

/**
 * `ctxlock try egress`: what would leave this machine, on the visitor's own files: the exact bytes, a no, a yes, and five attacks.
 * The only "cloud" is a sink on loopback. Exits with 7 when a byte came to it that nobody had agreed to.
 */
export async function tryEgress(context: CommandContext<TryOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  return withScratchFolder(root, async (scratch, signal) => {
    const sink = await openSink()
    try {
      output.line(`trying     ${root}: nothing is written there, and nothing leaves this machine`)
      output.line('cloud      a sink on loopback that answers 501 and is no model')
      const asks = options.yes !== true && !output.json && process.stdin.isTTY && process.stdout.isTTY
      const people = asks ? visitor(output, signal) : scripted(output)
      const trial = await egressTrial(
        { root, scratch, sink, signal },
        people,
        (answer) => output.line(answerLine(answer)),
        refusedUnasked,
      )
      for (const attack of trial.attacks) output.line(attackLine(attack))
      if (!trial.answers.some(({ answer }) => answer === 'approved')) output.line(NO_RECEIPT)
      const ok = isHeld(trial)
      const exit = ok ? EXIT_CODE.done : EXIT_CODE.verificationFailed
      output.result({ ok, exit, ...trialJson(trial) })
      return exit
    } finally {
      await sink.close()
    }
  })
}

/** The visitor is asked twice, to see a no and a yes. Whoever leaves a question leaves the trial. */
function visitor(output: Output, signal: AbortSignal): Person[] {
  const person = terminalPerson(process.stdin, process.stdout, signal)
  return ['say no: type no', 'say yes: type the digits'].map((advice) => ({
    answer(disclosure) {
      output.line(`\nnow        ${advice}`)
      return person.answer(disclosure)
    },
  }))
}

/** Without a terminal both answers are given by the trial itself, and the bytes are shown before the first. */
function scripted(output: Output): Person[] {
  return [
    {
      answer(disclosure) {
        for (const line of disclosedLines(disclosure)) output.line(line)
        return denier.answer(disclosure)
      },
    },
    yesSayer,
  ]
}

function refusedUnasked({ refusal }: Attempt): never {
  throw new CommandError({
    exit: EXIT_CODE.refused,
    code: refusal?.code ?? 'INTERNAL',
    message: `these files were refused before anybody was asked: ${refusal?.message ?? 'for no reason that was given'}`,
    hint: 'Try it in another folder, or leave the source out with `sources.exclude` in the config.',
  })
}
