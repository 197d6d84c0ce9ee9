/**
 * The scanner met something it cannot classify for certain: brackets that do not match, or tokens that no statement has in
 * this order. Its whole result is then dropped and the parser decides.
 */
export class Doubt extends Error {
  override readonly name = 'Doubt'
}

/** For the places where the text can only be wrong, or more than this scanner knows. */
export function doubt(offset: number): never {
  throw new Doubt(`The scanner cannot classify what stands at offset ${offset}.`)
}
