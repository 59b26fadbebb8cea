"""Python's other operators, made of those in the core; and powers."""


class Operators:
    """Signs, differences, quotients, and operands from the left that are no values yet."""

    __array_ufunc__ = None  # so that array + value is ours

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rmatmul__(self, other):
        return type(self)(other) @ self

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return -(-self + other)

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * (type(self)(1.0) * other) ** -1.0

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def __pow__(self, exponent: float):
        x = self.data
        return type(self)(x**exponent, (self, lambda g: g * exponent * x ** (exponent - 1)))
