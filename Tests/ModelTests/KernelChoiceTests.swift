import Foundation
import Model
import Storage
import Testing

@Suite struct KernelChoiceTests {
  /// Processors by what cpuid says of them. The models from 0xB0 on are those that OpenBLAS 0.3.21 does not know.
  private static let emeraldRapids = Processor(
    vendor: "GenuineIntel", family: 6, model: 0xCF, instructionSet: .avx512)
  private static let lunarLake = Processor(
    vendor: "GenuineIntel", family: 6, model: 0xBD, instructionSet: .avx2)
  private static let skylake = Processor(
    vendor: "GenuineIntel", family: 6, model: 0x55, instructionSet: .avx512)
  private static let rome = Processor(
    vendor: "AuthenticAMD", family: 23, model: 0x31, instructionSet: .avx2)
  private static let turin = Processor(
    vendor: "AuthenticAMD", family: 26, model: 2, instructionSet: .avx512)
  private static let old = Processor(
    vendor: "GenuineIntel", family: 6, model: 0x2A, instructionSet: .baseline)
  private static let other = Processor(
    vendor: "", family: 0, model: 0, instructionSet: .baseline)

  /// What OpenBLAS took, and what is asked for instead.
  @Test(arguments: [
    (emeraldRapids, "Prescott", "SkylakeX"),
    (lunarLake, "Prescott", "Haswell"),
    // AVX-512 hidden by the library's list of models, or by its age.
    (turin, "Zen", "SkylakeX"),
    (turin, "Barcelona", "SkylakeX"),
    (emeraldRapids, "Haswell", "SkylakeX"),
    (rome, "Nehalem", "Haswell"),
    (rome, "Unknown", "Haswell"),
  ])
  func lesserKernelsAreReplaced(_ processor: Processor, _ taken: String, _ better: String) {
    guard
      case .load(let kernel, let reason) = KernelChoice(on: processor, taken: taken, wish: nil)
    else {
      Issue.record("\(taken) was kept on \(processor.description)")
      return
    }
    #expect(kernel == better)
    #expect(reason.contains(taken) && reason.contains(processor.description))
  }

  @Test(arguments: [
    (skylake, "SkylakeX"), (skylake, "Cooperlake"), (emeraldRapids, "SapphireRapids"),
    (lunarLake, "Haswell"), (rome, "Zen"), (rome, "Haswell"), (turin, "Cooperlake"),
    // Nothing better to be had.
    (old, "Sandybridge"), (old, "Prescott"), (other, "Unknown"),
    // A name that is not known here is of a newer OpenBLAS, which knows better.
    (emeraldRapids, "GraniteRapids"), (other, "neoversen1"),
  ])
  func goodKernelsAreKept(_ processor: Processor, _ taken: String) {
    #expect(
      KernelChoice(on: processor, taken: taken, wish: nil) == .keep(reason: "OpenBLAS chose it"))
  }

  /// Also where it is slow: whoever sets it may be comparing.
  @Test func theUsersWishIsRespected() {
    #expect(
      KernelChoice(on: Self.emeraldRapids, taken: "Prescott", wish: "prescott")
        == .keep(reason: "OPENBLAS_CORETYPE asks for it"))
    #expect(
      KernelChoice(on: Self.emeraldRapids, taken: "Haswell", wish: "by-features")
        == .keep(reason: "OPENBLAS_CORETYPE is 'by-features', which OpenBLAS turned into this"))
  }
}

@Suite struct BLASLibraryTests {
  private static let processor = Processor.current

  /// As if OpenBLAS took the kernels of 2004 of its own accord, as it does on a model that it does not know.
  @Test func kernelsFitTheProcessorWhateverOpenBLASTakes() throws {
    _ = try BLASLibrary.shared.get()
    // The one that this process computes with cannot be given up, but a copy of its file is another library.
    // Other tests map and unmap memory meanwhile, and a reading in pieces may then lack a line.
    let maps = try #require(readText("/proc/self/maps", limit: 1 << 28))
    let line = try #require(maps.split(separator: "\n").first { $0.contains("/libopenblas") })
    let copy = "\(FileManager.default.temporaryDirectory.path)/\(UUID().uuidString).so"
    try FileManager.default.copyItem(
      atPath: String(line[(try #require(line.firstIndex(of: "/")))...]), toPath: copy)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let library = try BLASLibrary.load(copy, on: Self.processor, wish: nil, first: "Prescott")
    let set = try #require(KernelChoice.instructionSet(of: library.kernel))
    #expect(set >= Self.processor.instructionSet)
    #expect(library.description.contains(library.kernel))
    if Self.processor.instructionSet > .baseline {
      #expect(library.reason.contains("OpenBLAS took Prescott"), "\(library.reason)")
    }
    // 2 × 1 times 1 × 2.
    var product = [Float](repeating: -1, count: 4)
    library.sgemm(101, 111, 111, 2, 2, 1, 1, [2, 3], 1, [5, 7], 2, 0, &product, 2)
    #expect(product == [10, 14, 15, 21])
  }

  @Test func theLibraryOfThisProcessFitsItsProcessor() throws {
    let library = try BLASLibrary.shared.get()
    // A user's wish counts more; the environment of the tests may hold one.
    guard !library.reason.contains("OPENBLAS_CORETYPE") else { return }
    let set = try #require(KernelChoice.instructionSet(of: library.kernel))
    #expect(set >= Self.processor.instructionSet, "\(library.kernel): \(library.reason)")
  }

  @Test func aMissingLibraryNamesThePackage() {
    let error = #expect(throws: BLASError.self) {
      try BLASLibrary.load("libopenblas-of-nobody.so.0", on: Self.processor, wish: nil)
    }
    let text = error?.description ?? ""
    #expect(text.contains("libopenblas-of-nobody.so.0: cannot open shared object file"), "\(text)")
    #expect(text.contains("apt-get install libopenblas0"), "\(text)")
  }

  /// A library of another kind: loaded, and refused for what it lacks.
  @Test func anotherLibraryIsNoOpenBLAS() {
    let error = #expect(throws: BLASError.self) {
      try BLASLibrary.load("libm.so.6", on: Self.processor, wish: nil)
    }
    #expect(error?.description.contains("it lacks cblas_sgemm") == true)
  }

  /// Taken at its word, it would end the process.
  @Test func kernelsThatTheProcessorLacksAreRefused() {
    let old = Processor(vendor: "GenuineIntel", family: 6, model: 60, instructionSet: .avx2)
    let error = #expect(throws: BLASError.self) {
      try BLASLibrary.load(BLASLibrary.file, on: old, wish: "skylakex")
    }
    #expect(
      error?.description
        == "The environment variable OPENBLAS_CORETYPE asks for the kernels 'skylakex', which need AVX-512; "
        + "this processor (GenuineIntel family 6 model 60, AVX2) would stop at their first instruction. "
        + "Unset it, or set it to Haswell.")
  }
}

@Suite struct ProductSpeedTests {
  private func remark(_ products: Double, _ peak: Double, _ reason: String) -> String? {
    ProductSpeed(products: products, peak: peak, kernel: "Prescott", reason: reason).remark
  }

  @Test func onlySlowProductsAreRemarkedOn() {
    #expect(remark(170, 190, "OpenBLAS chose it") == nil)
    #expect(remark(95, 190, "OpenBLAS chose it") == nil)
    let slow = remark(34, 190, "OpenBLAS chose it") ?? ""
    #expect(
      slow.hasPrefix("Matrix products run at 34 GFLOP/s on one thread, 18 % of the 190 "), "\(slow)"
    )
    #expect(slow.contains("'Prescott' (OpenBLAS chose it)") && slow.contains("0.3.25"), "\(slow)")
    let wished = remark(34, 190, "OPENBLAS_CORETYPE asks for it") ?? ""
    #expect(wished.hasSuffix("Unset OPENBLAS_CORETYPE, unless you know better."), "\(wished)")
  }

  @Test func bothRatesAreMeasured() throws {
    let speed = try ProductSpeed.measure()
    #expect(speed.products > 0.1 && speed.products.isFinite)
    #expect(speed.peak > 0.1 && speed.peak.isFinite)
  }
}
