require 'set'
# Keeps goods.
module Shop
  LIMIT = 1
  class Shelf < Board
    attr_reader :width
    def self.open; end
    # Adds.
    def put?(good)
      text = <<~END
        def not_code; end
      END
    end
    class << self
      def count; end
    end
    private def hidden; end
    alias add put?
    unless method_defined? :size
      # How many.
      def size; end
    end
    def ==(other) = true
    included do
      def inside; end
    end
  end
end
class Shop::Row; end
seller = Class.new(Base) do
  def sell; end
end.new
Good = Struct.new(:price) { def free?; price.zero?; end }
use(Module.new { def mixed; end }, -> { def local; end })
