import { pick, type Random } from './random.ts'

/** How files of one kind are written: blocks of plausible content, one after the other. */
export interface Language {
  readonly extension: string
  /** Of a hundred files. */
  readonly share: number
  readonly head?: string
  readonly tail?: string
  readonly separator?: string
  block(random: Random, number: number): string
}

const WORDS = [
  'account',
  'buffer',
  'cache',
  'delivery',
  'entry',
  'filter',
  'group',
  'handle',
  'index',
  'journal',
  'layout',
  'message',
  'notice',
  'order',
  'packet',
  'query',
  'record',
  'signal',
  'timer',
  'update',
  'vector',
  'window',
] as const

const word = (random: Random): string => pick(random, WORDS)
const capital = (random: Random): string => word(random).replace(/^./, (letter) => letter.toUpperCase())
const number = (random: Random): number => Math.floor(random() * 1000)
const sentence = (random: Random): string =>
  `The ${word(random)} ${word(random)} must keep its ${word(random)} until the ${word(random)} of the ${word(random)} is done.`

export const LANGUAGES: readonly [Language, ...Language[]] = [
  {
    extension: 'ts',
    share: 40,
    head: "import { readFile } from 'node:fs/promises'\n",
    block: (random, index) => {
      const [name, field] = [`${word(random)}${capital(random)}${index}`, word(random)]
      return [
        `/** ${sentence(random)} */`,
        `export function ${name}(${field}: string, limit = ${number(random)}): number {`,
        `  const ${field}Parts = ${field}.split('${word(random)}-')`,
        `  // ${random() < 0.05 ? 'TODO: ' : ''}${sentence(random)}`,
        `  return ${field}Parts.filter((part) => part.length < limit).length * ${number(random)}`,
        `}`,
        '',
      ].join('\n')
    },
  },
  {
    extension: 'py',
    share: 15,
    head: 'import os\n',
    block: (random, index) =>
      [
        `def ${word(random)}_${word(random)}_${index}(${word(random)}, limit=${number(random)}):`,
        `    """${sentence(random)}"""`,
        `    # ${sentence(random)}`,
        `    return [part for part in ${word(random)} if part.${word(random)} < limit]`,
        '',
      ].join('\n'),
  },
  {
    extension: 'go',
    share: 10,
    head: 'package main\n',
    block: (random, index) =>
      [
        `// ${capital(random)}${index}: ${sentence(random)}`,
        `func ${capital(random)}${capital(random)}${index}(${word(random)} string) (int, error) {`,
        `\treturn len(${word(random)}) * ${number(random)}, nil`,
        `}`,
        '',
      ].join('\n'),
  },
  {
    extension: 'md',
    share: 12,
    block: (random, index) =>
      `## ${capital(random)} ${word(random)} ${index}\n\n${sentence(random)} ${sentence(random)}\n\n- ${sentence(random)}\n`,
  },
  {
    extension: 'json',
    share: 10,
    head: '{\n',
    tail: '\n}\n',
    separator: ',\n',
    block: (random, index) => `  "${word(random)}${index}": { "${word(random)}": ${number(random)}, "on": true }`,
  },
  {
    extension: 'yaml',
    share: 5,
    block: (random, index) =>
      `${word(random)}_${index}:\n  ${word(random)}: ${number(random)}\n  on: ${word(random)}\n`,
  },
  {
    extension: 'sh',
    share: 3,
    head: '#!/bin/sh\nset -e\n',
    block: (random, index) => `${word(random)}_${index}() {\n  echo "${sentence(random)}"\n}\n`,
  },
  {
    extension: 'ini',
    share: 2,
    block: (random, index) =>
      `[${word(random)}.${index}]\n${word(random)} = ${number(random)}\n; ${sentence(random)}\n`,
  },
  {
    extension: 'log',
    share: 3,
    block: (random, index) =>
      `2026-01-${String(10 + (index % 18))}T08:${10 + (index % 50)}:00Z INFO ${word(random)}: ${sentence(random)}\n`,
  },
]

export function languageOf(random: Random): Language {
  let left = random() * LANGUAGES.reduce((total, { share }) => total + share, 0)
  return LANGUAGES.find(({ share }) => (left -= share) < 0) ?? LANGUAGES[0]
}

/** A file of about this many characters. */
export function writeText({ head = '', tail = '', separator = '\n', block }: Language, random: Random, size: number) {
  const blocks: string[] = []
  for (let length = head.length; length < size || blocks.length === 0; length += blocks.at(-1)?.length ?? 0) {
    blocks.push(block(random, blocks.length))
  }
  return head + blocks.join(separator) + tail
}
