#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The hashes that same_draws.cpp prints, from the definitions of the draws: whole numbers for Philox4x32-10, and for
the transforms one IEEE operation at a time. An operation on floats made in double and then rounded is the float one."""
import struct

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
                u = FLOAT.plus(FLOAT.rounded(float(words[a] >> 1)), 0.5) * 2.0**-31
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


print(f"gaussian float {fnv(FLOAT, gaussian_float()):016x} double {fnv(DOUBLE, gaussian_double()):016x}")
for name, draws in (("laplace", laplace), ("uniform", uniform)):
    print(f"{name} float {fnv(FLOAT, draws()):016x} double {fnv(DOUBLE, draws()):016x}")
