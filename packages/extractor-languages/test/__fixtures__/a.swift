import Foundation
/// Keeps goods.
@objc public class Shelf<T>: Board where T: Good {
  let width, height: Int
  var size: Int { return 1 }
  init?(goods: Int) {}
  deinit {}
  static func open() { func local() {} }
  subscript(index: Int) -> Int { 1 }
  enum Colour { case red; case blue(Int) }
  typealias Row = Int
}
struct Label { func paint() {} }
extension Shelf: Seller { func sell() {} }
protocol Seller { func sell() }
actor Till { func count() {} }
func put<T>(good: T) async throws -> Int { 1 }
let limit = 1
infix operator +++: Sum
func +++ (a: Int, b: Int) -> Int { 1 }
#if DEBUG
func debug() {}
#endif
