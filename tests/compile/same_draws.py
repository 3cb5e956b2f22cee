#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The hashes that same_draws.cpp prints, from the definitions of the draws: whole numbers for Philox4x32-10, and for
the transforms one IEEE operation at a time. An operation on floats made in double and then rounded is the float one.
Released rows are worked out from the definition alone, the grid point nearest to a real number: in double, and where
that could be wrong to 60 decimal places."""
import math
import struct
from decimal import Decimal, getcontext

SEED, PLACE, MODEL, SAMPLE, DRAW = 2024, 9, 1, 2, 3  # stage audit
COUNT = 1 << 16
MASK = 0xFFFFFFFF


class Kind:
    """A floating-point type: how it rounds, and its bits."""

    def __init__(self, real, whole, fraction_bits, magic, steps, log, sine, cosine):
        self.real, self.whole, self.fraction_bits = real, whole, fraction_bits
        self.magic, self.steps = magic, steps
        self.log_ratio, self.sine, self.cosine = map(self.rounded, log), map(self.rounded, sine), map(self.rounded, cosine)
        self.log_ratio, self.sine, self.cosine = list(self.log_ratio), list(self.sine), list(self.cosine)
        self.ln2 = self.rounded(0.6931471805599453094)
        self.root_half = self.bits(self.rounded(0.5**0.5))

    def rounded(self, x):
        return struct.unpack(self.real, struct.pack(self.real, x))[0]

    def bits(self, x):
        return struct.unpack(self.whole, struct.pack(self.real, x))[0]

    def value(self, bits):
        return struct.unpack(self.real, struct.pack(self.whole, bits))[0]

    def times(self, a, b):
        return self.rounded(a * b)

    def plus(self, a, b):
        return self.rounded(a + b)

    def polynomial(self, coefficients, x):
        result = coefficients[-1]
        for c in reversed(coefficients[:-1]):
            result = self.plus(self.times(result, x), c)
        return result

    def log(self, u):
        mantissa, exponent = u, 0
        while self.bits(mantissa) < self.root_half:  # [sqrt(1/2), sqrt 2)
            mantissa, exponent = 2 * mantissa, exponent - 1
        s = self.rounded(self.plus(mantissa, -1.0) / self.plus(mantissa, 1.0))
        poly = self.polynomial(self.log_ratio, self.times(s, s))
        return self.plus(self.times(s, poly), self.times(float(exponent), self.ln2))

    def radius(self, u):
        half = -self.log(u)
        square = 2 * half
        inverse = self.value(self.magic - (self.bits(square) >> 1))
        for _ in range(self.steps):
            inverse = self.times(inverse, self.plus(1.5, -self.times(self.times(half, inverse), inverse)))
        return self.times(square, inverse)

    def pair(self, u, t, turned):
        radius = -self.radius(u) if turned else self.radius(u)
        square = self.times(t, t)
        return (self.times(radius, self.polynomial(self.cosine, square)),
                self.times(radius, self.times(t, self.polynomial(self.sine, square))))


FLOAT = Kind("<f", "<I", 23, 0x5F3759DF, 3,
             [1.99999999863131817, 0.666668153381511875, 0.399748505175190478, 0.299243904791449868],
             [3.14159264007720325, -5.16771007666831441, 2.55007738652891187, -0.598290411283427535,
              0.0776559122760138694],
             [0.999999999779154032, -4.93480213692894564, 4.05870915476313425, -1.33521194939055034,
              0.23493706859508651, -0.0243959320975504445])
DOUBLE = Kind("<d", "<Q", 52, 0x5FE6EB50C7B537A9, 4,
              [2.0, 0.666666666666676457, 0.399999999993023381, 0.285714287606416799, 0.222221970567260466,
               0.181836316802293288, 0.15312528148364191, 0.148097103606552767],
              [3.14159265358979324, -5.16771278004996961, 2.55016403987730047, -0.599264529318944681,
               0.082145886573102895, -0.0073704305059169434, 0.00046629981618983938, -0.0000219034970746260172,
               7.69782676822419065e-7],
              [1.0, -4.93480220054467677, 4.058712126416497, -1.33526276884344709, 0.235330630129532854,
               -0.0258068887370022033, 0.00192955627248171315, -0.000104566553487387482, 4.14956435394258551e-6])


def block(index):
    counter = [index, DRAW, SAMPLE, PLACE << 24 | MODEL]
    low, high = SEED & MASK, SEED >> 32
    for _ in range(10):
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [b >> 32 ^ counter[1] ^ low, b & MASK, a >> 32 ^ counter[3] ^ high, a & MASK]
        low, high = low + 0x9E3779B9 & MASK, high + 0xBB67AE85 & MASK
    return counter


def gaussian_float():
    for first in range(0, COUNT // 4, 16):
        blocks = [block(first + i) for i in range(16)]
        for a, b in ((0, 1), (2, 3)):
            pairs = []
            for words in blocks:
                u = min(FLOAT.plus(FLOAT.rounded(float(words[a] >> 1)), 0.5) * 2.0**-31, 1 - 2.0**-24)
                signed = words[b] - (1 << 32) if words[b] >> 31 else words[b]
                t = FLOAT.plus(FLOAT.rounded(float(signed >> 1)), 0.5) * 2.0**-31
                pairs.append(FLOAT.pair(u, t, words[b] & 1))
            yield from (first for first, _ in pairs)
            yield from (second for _, second in pairs)


def gaussian_double():
    for first in range(0, COUNT // 2, 16):
        pairs = []
        for i in range(16):
            words = block(first + i)
            a, b = words[0] << 32 | words[1], words[2] << 32 | words[3]
            u = ((a >> 12) + 0.5) * 2.0**-52
            t = ((b >> 12) + 0.5) * 2.0**-52 - 0.5
            pairs.append(DOUBLE.pair(u, t, b & 1))
        yield from (first for first, _ in pairs)
        yield from (second for _, second in pairs)


def uniform():
    for index in range(COUNT // 2):
        words = block(index)
        for high, low in ((words[0], words[1]), (words[2], words[3])):
            yield 2.0 * (((high << 32 | low) >> 12) + 0.5) * 2.0**-52 - 1.0


def laplace():
    for u in uniform():
        size = -DOUBLE.log(1.0 - abs(u))
        yield size if u > 0 else -size


def fnv(kind, draws):
    result = 0xCBF29CE484222325
    for draw in draws:
        result = (result ^ kind.bits(draw)) * 0x100000001B3 & (1 << 64) - 1
    return result


getcontext().prec = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534")


def sine(x, first):
    """The sine for first = 1 and the cosine for first = 0."""
    term = x if first else Decimal(1)
    total, k = Decimal(0), first
    while abs(term) > Decimal(10) ** -58:
        total += term
        term *= -x * x / ((k + 1) * (k + 2))
        k += 2
    return total


def further(number):
    words = block(1 << 31 | number)
    return words[0] << 96 | words[1] << 64 | words[2] << 32 | words[3]


def place(bits):
    """The middle of a place of 128 bits."""
    return (Decimal(2 * bits + 1)) / (1 << 129)


class Normal:
    """Draw `at` of a row of floats or doubles: roughly, and to 50 decimal places."""

    def __init__(self, at, wide):
        size = 32 if wide else 64
        self.within, index = at % size // 16, at // size * 16 + at % 16
        words = block(index)
        if wide:
            a, b = words[0] << 32 | words[1], words[2] << 32 | words[3]
            self.top, self.angle, self.number = (a, 64), (b >> 1, 63), index
        else:
            pair = self.within // 2
            a, b = words[2 * pair], words[2 * pair + 1]
            self.top, self.angle = (a, 32), ((b + (1 << 31) & MASK) >> 1, 31)
            self.number = 2 * (2 * index + pair)
        self.turned, self.second = b & 1, self.within % 2
        self.wide = wide

    def roughly(self):
        (a, n), (b, m) = self.top, self.angle
        u, t = (a + 0.5) / 2.0**n, (b + 0.5) / 2.0**m - 0.5
        size = math.sqrt(-2 * math.log(u)) * (math.sin(math.pi * t) if self.second else math.cos(math.pi * t))
        return (-size if self.turned else size), u > 2.0**-10 and 1 - u > 2.0**-10

    def exactly(self):
        (a, n), (b, m) = self.top, self.angle
        both = further(self.number)
        last = 0 if self.wide else further(self.number + 1)
        half = (1 << 64) - 1
        high, low = both >> 64, both & half
        u = place((a << 64 | high) << 64 - n | (last >> 64) >> n)
        t = place((b << 64 | low) << 64 - m | (last & half) >> m) - Decimal("0.5")
        size = (-2 * u.ln()).sqrt() * sine(PI * t, self.second)
        return -size if self.turned else size


class Uniform:
    def __init__(self, at, _):
        words = block(at // 2)
        self.bits, self.at = words[at % 2 * 2] << 32 | words[at % 2 * 2 + 1], at

    def u(self):
        return place(self.bits << 64 | further(self.at) >> 64)

    def roughly(self):
        return 2 * ((self.bits + 0.5) / 2.0**64) - 1, True

    def exactly(self):
        return 2 * self.u() - 1


class Laplace(Uniform):
    def roughly(self):
        v = 2 * ((self.bits + 0.5) / 2.0**64) - 1
        trusted = 1 - abs(v) > 2.0**-20
        return (math.copysign(math.log(1 - abs(v)), v) if trusted else 0.0), trusted

    def exactly(self):
        v = 2 * self.u() - 1
        size = -(1 - abs(v)).ln()
        return -size if v < 0 else size


def released(kind, law):
    scale, steps = 0.3, 1024
    for i in range(1 << 14):
        draw = law(i, kind is DOUBLE)
        rough, trusted = draw.roughly()
        v = (i / 2.0**14 + scale * rough) * steps + 0.5
        if trusted and abs(v - round(v)) > 1e-3:
            whole = math.floor(v)
        else:
            exact = Decimal(i) * steps / (1 << 14) + Decimal(scale) * steps * draw.exactly() + Decimal("0.5")
            whole = math.floor(exact)
        yield whole / steps


def digits(law, wide):
    for at in range(128):
        z = law(at, wide).exactly()
        yield -1.0 if z < 0 else 1.0
        counted = math.floor(abs(z) * (1 << 88))
        for part in range(3):
            yield float(counted >> 32 * part & MASK)


def gaussian(kind):
    return gaussian_float() if kind is FLOAT else gaussian_double()


for name, draws, law in (("gaussian", gaussian, Normal), ("laplace", lambda _: laplace(), Laplace),
                         ("uniform", lambda _: uniform(), Uniform)):
    for prefix, values in ((name, draws), (name + " released", lambda kind: released(kind, law))):
        print(f"{prefix} float {fnv(FLOAT, values(FLOAT)):016x} double {fnv(DOUBLE, values(DOUBLE)):016x}")
print(f"digits gaussian float {fnv(DOUBLE, digits(Normal, False)):016x} double {fnv(DOUBLE, digits(Normal, True)):016x}"
      f" laplace {fnv(DOUBLE, digits(Laplace, True)):016x} uniform {fnv(DOUBLE, digits(Uniform, True)):016x}")
