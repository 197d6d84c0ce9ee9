using System;
namespace Shop.Goods {
  /// <summary>Keeps goods.</summary>
  [Sealed]
  public class Shelf<T> : Board where T : class {
    private int width = 1;
    public int Size { get; set; } = 1;
    public Shelf() {}
    ~Shelf() {}
    public void Put<U>(int good) => 1;
    public static bool operator ==(Shelf a, Shelf b) { return true; }
    public static implicit operator int(Shelf shelf) => 1;
    public int this[int index] { get { return 1; } }
    public event EventHandler Sold { add {} remove {} }
    enum Colour { Red }
#if SLOW
    void Wait() {}
#endif
    delegate void Callback(int good);
  }
  record Good(int Price);
  struct Label { }
}
