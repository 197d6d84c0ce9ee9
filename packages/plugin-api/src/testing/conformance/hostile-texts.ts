import { seededFractions } from './seeded.ts'

const HOSTILE_LENGTH = 20_000

/** Nothing, noise, what nests or repeats without end, and the example cut or damaged at seeded places. */
export function hostileTexts(example: string): string[] {
  const next = seededFractions(20_261_121)
  const random = Array.from({ length: 20 }, () =>
    String.fromCharCode(...Array.from({ length: 400 }, () => Math.floor(next() * (next() < 0.8 ? 128 : 65_536)))),
  )
  const damaged = Array.from({ length: 30 }, () => {
    const at = Math.floor(next() * example.length)
    return (
      example.slice(0, at) + String.fromCharCode(Math.floor(next() * 128)) + example.slice(at + Math.floor(next() * 4))
    )
  })
  const cut = Array.from({ length: 10 }, () => example.slice(0, Math.floor(next() * example.length)))
  const long = ['(', '{', '[', '<', '"', "'", '`', '/*', '#', '\n', ' ', '\\', '<<A\n', 'a ', '\ud800', '\0'].map(
    (unit) => unit.repeat(HOSTILE_LENGTH / unit.length),
  )
  return ['', '\n', '\ufeff', ...random, ...damaged, ...cut, ...long]
}
