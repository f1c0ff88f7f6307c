internal import Glibc

/// The natural logarithm of a count.
func logarithm(_ count: Int) -> Double { log(Double(count)) }
