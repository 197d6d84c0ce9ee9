"""Sells."""
LIMIT = 1


# Belongs to the decorator below.
@sealed(1)
# So does this.
class Shelf(Board):
    width: int = 1

    @property
    def size(self) -> int:
        def inner(): pass
        return 1

    class Row:
        async def read(self): ...

if LIMIT:
    def put(*goods): pass
else:
    def put(*goods):
        return """
def not_code(): pass
"""
type Pair[T] = tuple[T, T]


class Empty(Shelf):  # explains the class
    # Belongs to the first member.
    def none(self): ...


class Full(Shelf):  # explains the class
    def all(self): ...
