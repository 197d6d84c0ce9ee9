package shop

/** Keeps goods. */
@Sealed
data class Shelf<T>(val width: Int) : Board() {
  val size: Int get() = 1
  companion object {
    const val LIMIT = 1
  }
  constructor(goods: String) : this(1)
  enum class Colour {
    RED,
    BLUE
  }
}

interface Seller {
  fun sell()
}
fun <T> T.put(good: Int): Int = 1
typealias Good = Int
private var count: Int = 2

@Target(FIELD)
@Retention(RUNTIME)
private annotation class Marked
