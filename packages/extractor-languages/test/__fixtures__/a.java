package shop;

/** Keeps goods. */
@Sealed
public class Shelf<T> extends Board {
  private int width = 1;
  static { open(); }
  public Shelf() {}
  /** Adds. */
  @Override
  public <U> int put(int good) { return new Object() { int local() { return 1; } }.local(); }
  enum Colour {
    RED { void hidden() {} },
    BLUE;
    void paint() {}
  }
  record Good(int price) { Good {} }
  @interface Sold { int times() default 1; }
}
sealed interface Seller permits Shelf { void sell(); }
