internal import Dispatch

/// Starts to read the index of installed fonts on another thread and returns at once.
///
/// Whoever draws later finds it read, or waits for the rest: the index is the process's own, and fontconfig locks it.
/// That takes a tenth of the time of a small report, in which logs can be read.
public func prepareFonts() {
  let family = Theme.light.fontFamily
  DispatchQueue.global(qos: .userInitiated).async {
    _ = CairoTextMeasurer(family: family).measure("H", Font(size: 10))
  }
}
