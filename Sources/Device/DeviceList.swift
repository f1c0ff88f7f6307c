/// The devices of this machine, by what `--device` calls them, and what is missing for others.
package struct DeviceList: Sendable {
  /// A device that can be asked for.
  package struct Entry: Equatable, Sendable {
    /// As `--device` takes it.
    package let request: String
    /// Its name and what it is reached by.
    package let words: String
    package let memoryBytes: Int
  }

  package let entries: [Entry]
  /// Why there is none by OpenCL or by CUDA, as sentences.
  package let problems: [String]

  /// Looks for them.
  ///
  /// - Parameter cuda: where NVIDIA's driver is looked for.
  package init(_ cuda: CUDALibraries = CUDALibraries()) {
    var (entries, problems): ([Entry], [String]) = ([], [])
    do throws(DeviceError) {
      for device in try CUDADevice.list(cuda) {
        entries.append(
          Entry(
            request: "cuda:\(device.number)",
            words: "\(device.name), CUDA, compute capability \(device.computeCapability)",
            memoryBytes: device.memoryBytes))
      }
    } catch {
      problems.append("CUDA: \(error)")
    }
    do throws(DeviceError) {
      let platforms = try OpenCLPlatforms(OpenCLLibrary.shared.get())
      for (number, entry) in platforms.entries.enumerated() {
        entries.append(
          Entry(
            request: "opencl:\(number)",
            words: "\(entry.name), OpenCL by \(entry.platform)"
              + (entry.isProcessor ? ", the processor itself" : ""),
            memoryBytes: entry.memoryBytes))
      }
      if platforms.entries.isEmpty {
        problems.append("OpenCL: its loader is installed, but it has no driver here.")
      }
    } catch {
      problems.append("OpenCL: \(error)")
    }
    (self.entries, self.problems) = (entries, problems)
  }
}
