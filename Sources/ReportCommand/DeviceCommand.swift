internal import ArgumentParser
internal import Device
internal import Foundation
internal import Train

struct DeviceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device",
    abstract: "List the graphics processors, or check that one computes what the processor does.",
    discussion: """
      Without an argument it lists the devices of this machine by what --device calls them, and what is missing for others. With one \
      it scores and trains small random networks there, compares every kernel and every matrix product with the processor's \
      results, and measures its speed. The exit status is 0 if all agree, and 1 if one does not or the device does not work.
      """)

  @Argument(help: ArgumentHelp("A device to check, as --device takes it.", valueName: "device"))
  var device: String?

  @Option(
    help: ArgumentHelp(
      "What matrix products are computed in: fp32, or tf32 on NVIDIA GPUs that have it.",
      valueName: "precision"))
  var precision = ProductPrecision.fp32.rawValue

  func validate() throws {
    guard ProductPrecision(rawValue: precision) != nil else {
      let names = ProductPrecision.allCases.map(\.rawValue).joined(separator: " or ")
      throw ValidationError("--precision must be \(names), not '\(precision)'.")
    }
    guard let device else { return }
    guard let request = DeviceRequest(device), request != .cpu else {
      throw ValidationError(
        "The device to check must be gpu, auto, opencl:<number>, opencl:cpu or cuda:<number>, not "
          + "'\(device)'.")
    }
  }

  func run() throws {
    if let device, let request = DeviceRequest(device) {
      try check(request)
    } else {
      try list()
    }
  }

  private func list() throws {
    let list = DeviceList()
    for entry in list.entries {
      try StandardOutput.line(
        "\(entry.request)\t\(entry.words), \(Self.gigabytes(entry.memoryBytes)) GB")
    }
    if list.entries.isEmpty {
      try StandardOutput.line("There is no device; --device cpu computes on the processor.")
    }
    for problem in list.problems { try StandardOutput.line(problem) }
  }

  private static func gigabytes(_ bytes: Int) -> String {
    let tenths = (bytes + 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }

  private func check(_ request: DeviceRequest) throws {
    let progress = TerminalProgress()
    let precision = ProductPrecision(rawValue: precision) ?? .fp32
    let device: any Device
    switch try request.open(precision: precision, note: { progress.say($0) }) {
    case .device(let opened): device = opened
    case .processor(let reason):
      throw ValidationError(reason ?? "There is no device to check.")
    }
    let identity = device.identity
    try StandardOutput.line(
      "\(identity.name), \(identity.interface), \(Self.gigabytes(identity.memoryBytes)) GB; \(identity.driver); "
        + identity.products)
    progress.say("Comparing every kernel with the processor's …")
    let check = try DeviceCheck(of: device, precision: precision)
    for finding in check.findings where !finding.agrees {
      try StandardOutput.line(
        "\(finding.name) DIFFERS by up to \(Self.digits(finding.largestDifference)) of what it computes (rounding "
          + "is at most \(Self.digits(finding.bound)))")
    }
    let launches = check.findings.reduce(0) { $0 + $1.launches }
    let agreeing = check.findings.filter(\.agrees)
    let worst = agreeing.max { $0.largestDifference < $1.largestDifference }
    let most = worst.map { ", at most \(Self.digits($0.largestDifference)) (\($0.name))" } ?? ""
    try StandardOutput.line(
      "\(agreeing.count) of \(check.findings.count) kernels and products agree with the processor's, in "
        + "\(launches) launches\(most)")
    progress.say("Measuring …")
    let speed = try DeviceSpeed(of: device)
    let (m, n, k) = DeviceSpeed.shape
    try StandardOutput.line(
      "products of \(m) × \(k) × \(n): \(Self.digits(speed.products)) GFLOP/s")
    try StandardOutput.line("memory of the device: \(Self.digits(speed.memory)) GB/s")
    try StandardOutput.line(
      "to the device: \(Self.digits(speed.toDevice)) GB/s, back: \(Self.digits(speed.fromDevice)) GB/s"
    )
    try StandardOutput.line("a launch: \(Self.digits(speed.launch)) µs")
    guard check.agrees else { throw DeviceDiffers(name: identity.name) }
  }

  /// Three significant digits.
  private static func digits(_ number: Double) -> String {
    number >= 1000 ? "\(Int(number.rounded()))" : String(format: "%.3g", number)
  }
}

/// A device that computes something else than the processor.
struct DeviceDiffers: Error, CustomStringConvertible {
  let name: String

  var description: String {
    "'\(name)' does not compute what the processor does. Its driver or compiler has a fault: a newer version may help, and "
      + "--device cpu computes on the processor."
  }
}
