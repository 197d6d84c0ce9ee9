<html><?php
namespace Shop\Goods;
use X\Y;
/** Keeps goods. */
#[Sealed]
abstract class Shelf extends Board {
  use Counts;
  const LIMIT = 1;
  private int $width = 1, $height;
  public function __construct(private int $depth) {}
  /** Adds. */
  public static function put(int $good): int { return 1; }
  abstract function clear();
}
interface Seller { function sell(); }
trait Counts { function count() {} }
enum Colour: string { case Red = 'r'; function paint() {} }
if (!function_exists('size')) { function size() {} }
function outer() { function inner() {} }
const FIRST = 1;
$anonymous = new class { function hidden() {} };
?>
<p>function not_code() {}</p>
