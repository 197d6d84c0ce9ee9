namespace shop::goods {
template <typename T>
class Shelf : public Board {
 public:
  Shelf() = default;
  ~Shelf();
  // How many.
  int size() const { return 1; }
  operator bool() const;
  bool operator==(const Shelf& other) const { return true; }
  template <class U> void put(U good) {}
  int width;
  friend void clear();
  using Good = T;
};
}  // namespace shop::goods
namespace { int hidden() { return 1; } }
template <typename T> int shop::goods::Shelf<T>::find(int good) { return 1; }
class Shelf::Iterator : public Base { bool valid(); };
template <> struct std::hash<Shelf> {};
extern "C" { void open_shop(); }
template <class T> concept Sold = true;
auto text() -> int { return R"x(}})x" ? 1 : 2; }
int Shelf::count = 1;
class Forward;
class Depot {
 public:
  class Key;
  // Goes over all.
  struct Cursor {
    void next();
  };
  template <class T> class Set { enum Kind { ALL }; };
  struct Size { int width; } size_;
};
