internal import CDevice
internal import Foundation

/// Where NVIDIA's driver and libraries are looked for.
///
/// The driver is where the system's loader finds it. cuBLAS and NVRTC come with the CUDA toolkit, but also as packages of
/// Python, of conda and of distributions, which put them where no loader looks.
package struct CUDALibraries: Sendable {
  /// Looked through before the system's places: what `variable` says.
  let folders: [String]
  /// The environment, of which some variables change what cuBLAS computes.
  let environment: [String: String]
  /// Where the driver's kernel module says its version.
  let moduleVersionFile: String
  /// Whether the system's places are looked through as well.
  let searchesSystem: Bool

  /// The environment variable that names folders, as many as wanted, with colons between them.
  package static let variable = "TRANSFERGAP_CUDA_LIBRARIES"

  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    moduleVersionFile: String = "/proc/driver/nvidia/version", searchesSystem: Bool = true
  ) {
    self.searchesSystem = searchesSystem
    self.environment = environment
    self.moduleVersionFile = moduleVersionFile
    folders = (environment[Self.variable] ?? "").split(separator: ":").map(String.init)
  }

  /// A library of NVIDIA's.
  package enum Library: Sendable {
    case driver, cublas, nvrtc

    /// Its files' names, the newest first, up to those of a version of CUDA.
    func names(upTo version: CUDAVersion) -> [String] {
      let majors = stride(from: max(version.major, 11), through: 11, by: -1)
      return switch self {
      case .driver: ["libcuda.so.1"]
      case .cublas: majors.map { "libcublas.so.\($0)" }
      // Those of CUDA 11 are all called after its second version.
      case .nvrtc: majors.map { $0 == 11 ? "libnvrtc.so.11.2" : "libnvrtc.so.\($0)" }
      }
    }
  }

  /// The files that may be a library, in the order in which they are tried.
  ///
  /// - Parameters:
  ///   - library: which.
  ///   - version: what the driver works with at most.
  /// - Returns: in each of the folders, and in those below that hold libraries, the newest first; then bare names, for the
  ///   system's loader; then where NVIDIA's installer puts the toolkit.
  package func candidates(_ library: Library, upTo version: CUDAVersion) -> [String] {
    let names = library.names(upTo: version)
    let given = folders.flatMap { folder in
      let places = [folder, folder + "/lib", folder + "/lib64"] + below(folder).map { $0 + "/lib" }
      return names.flatMap { name in places.map { $0 + "/" + name } }
    }
    let toolkit = names.map { "/usr/local/cuda/lib64/" + $0 }
    func isThere(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }
    return given.filter(isThere) + (searchesSystem ? names + toolkit.filter(isThere) : [])
  }

  /// Such as nvidia/cublas and nvidia/cu13 in Python's site-packages.
  private func below(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().map { folder + "/" + $0 }
  }

  /// What to do where cuBLAS or NVRTC is missing.
  ///
  /// - Parameter major: the newest version of CUDA that the driver works with.
  /// - Returns: a sentence without its full stop.
  func advice(major: Int) -> String {
    let packages =
      major >= 13
      ? "nvidia-cublas nvidia-cuda-nvrtc"
      : "nvidia-cublas-cu\(major) nvidia-cuda-nvrtc-cu\(major)"
    return "Install NVIDIA's CUDA toolkit \(major), or the Python packages \(packages), and let "
      + "\(Self.variable) name the folder, such as …/site-packages/nvidia"
  }

  /// Loads the first library that is there.
  ///
  /// - Parameters:
  ///   - library: its name in words.
  ///   - candidates: files.
  ///   - advice: what to do if there is none.
  ///   - functions: overwritten.
  ///   - load: loads one; returns what is wrong.
  /// - Returns: the file that was loaded.
  /// - Throws: `DeviceError.notAvailable` with what is wrong with every file that is there or, if none is, with the last.
  func load<Functions>(
    _ library: String, _ candidates: [String], advice: String,
    into functions: inout Functions,
    _ load: (String, inout Functions) -> UnsafePointer<CChar>?
  ) throws(DeviceError) -> String {
    var problems: [String] = []
    var last = "no such file in \(folders.joined(separator: ":"))"
    for file in candidates {
      guard let problem = load(file, &functions) else { return file }
      last = String(cString: problem)
      if file.contains("/") || !last.contains("No such file") { problems.append(last) }
    }
    let words = problems.isEmpty ? last : problems.joined(separator: "; ")
    throw .notAvailable(missing: "\(library) cannot be loaded (\(words))", advice: advice)
  }

  /// Says why products would not be in the precision asked for, if a variable that cuBLAS reads stands against it.
  func checkPrecision(_ precision: ProductPrecision) throws(DeviceError) {
    let override = environment["NVIDIA_TF32_OVERRIDE"]
    let emulation = environment["CUBLAS_EMULATE_SINGLE_PRECISION"]
    let conflict: (variable: String, value: String)? =
      switch precision {
      case .fp32 where override == "1": ("NVIDIA_TF32_OVERRIDE", "1")
      case .fp32 where emulation == "1": ("CUBLAS_EMULATE_SINGLE_PRECISION", "1")
      case .tf32 where override == "0": ("NVIDIA_TF32_OVERRIDE", "0")
      case .fp32, .tf32: nil
      }
    guard let conflict else { return }
    throw .notAvailable(
      missing: "The environment variable \(conflict.variable)=\(conflict.value) keeps cuBLAS from "
        + "multiplying in \(precision.name)",
      advice: "Unset it, or choose another --precision")
  }

  /// The version of the driver's kernel module, such as "550.54.15".
  package var moduleVersion: String? {
    guard let text = try? String(contentsOfFile: moduleVersionFile, encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("NVRM version:") }
    return line?.split(separator: " ").map(String.init).first {
      $0.contains(".") && $0.allSatisfy { $0.isNumber || $0 == "." }
    }
  }
}
