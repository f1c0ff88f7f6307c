"""Prints the numbers of RandomStreamTests: SplitMix64 from a hash of seed and name.

Written from the papers (Steele, Lea, Flood 2014; Lemire 2019; FNV-1a), not from the Swift code.
Needs Python 3 alone: python3 random_streams.py
"""

MASK = (1 << 64) - 1


def mix(state):
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


class Stream:
    def __init__(self, seed, name):
        self.state = seed
        self.state = self.next() ^ fnv1a(name)

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        return mix(self.state)

    def below(self, bound):
        threshold = ((1 << 64) - bound) % bound
        while True:
            product = self.next() * bound
            if product & MASK >= threshold:
                return product >> 64


if __name__ == "__main__":
    for seed, name in [
        (42, "subset"), (42, "shuffle/1"), (42, "shuffle/2"), (0, ""), ((1 << 63) - 1, "dropout"),
    ]:
        stream = Stream(seed, name)
        print(seed, repr(name), [f"0x{stream.next():016X}" for _ in range(3)])
    stream = Stream(42, "shuffle/1")
    numbers = list(range(12))
    for index in range(11, 0, -1):
        other = stream.below(index + 1)
        numbers[index], numbers[other] = numbers[other], numbers[index]
    print(numbers)
