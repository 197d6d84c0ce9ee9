export interface KeptText {
  readonly utf8: Uint8Array
  /** At which it was written: as deep, or less deep, all of it may stand again. */
  readonly depth: number
}

/** Gives back what it is given, so that the fields of a class below it become members of that object. */
class Given {
  constructor(object: object) {
    return object
  }
}

/** Objects that somebody else froze before; engines may refuse to add anything to them. */
const frozenBefore = new WeakSet<object>()

/**
 * A mark on an object that nobody else can see, put or copy: a private member. Adding to a weak set takes ten times as long, and
 * whoever collects garbage has to walk it.
 */
export class Mark extends Given {
  /** The canonical text of the object, where it was worth keeping. */
  #text: KeptText | undefined

  static put(object: object): void {
    if (Object.isExtensible(object)) new Mark(object)
    else frozenBefore.add(object)
  }

  static isOn(object: object): boolean {
    return Mark.isInside(object) || frozenBefore.has(object)
  }

  /** The quicker half of `isOn`, for who can do without the other. */
  static isInside(object: object): boolean {
    return #text in object
  }

  static textOf(object: object): KeptText | undefined {
    return #text in object ? object.#text : undefined
  }

  /** Freezing an object leaves its private members as they are. */
  static keepText(object: object, text: KeptText): void {
    if (#text in object) object.#text = text
  }
}
