internal import Foundation
internal import Glibc
internal import Storage

/// A request as the program that sends it gets it.
struct HTTPRequest {
  let method: String
  let address: String
  let headers: [(name: String, value: String)]

  /// One JSON object, one line.
  var text: String {
    var fields = JSONObject()
    for (name, value) in headers { fields[name] = .string(value) }
    return JSON.object([
      "method": .string(method), "address": .string(address), "headers": .object(fields),
    ]).text + "\n"
  }
}

/// How an answer begins.
struct HTTPResponse: Equatable {
  let status: Int
  /// By name in lower case.
  let headers: [String: String]
}

/// What did not work but may when it is tried again.
struct TemporaryFailure: Error {
  let reason: HubError
  /// How long the server wants to be left alone, in seconds.
  var pause: Double?
}

/// The program `report-http`, which sends one request: FoundationNetworking is loaded there, and only when something is
/// fetched (decision 76).
///
/// The request goes to its standard input as a line of JSON; a line of JSON with status and headers comes back on
/// standard output, then the body. Exit status 0 means that the body is complete; 1 that trying again may help and 2
/// that it will not, with the reason on standard error.
struct HTTPProgram: Sendable {
  let path: String

  /// Sends a request.
  ///
  /// - Parameters:
  ///   - request: what to ask for.
  ///   - answered: gets status and headers before the body; the request ends if it throws.
  ///   - received: gets the body piece by piece; the request ends if it throws.
  /// - Throws: `TemporaryFailure`, `HubError.unreachable`, `.noProgram`; what the closures throw.
  func send(
    _ request: HTTPRequest, answered: (HTTPResponse) throws -> Void,
    received: ([UInt8]) throws -> Void
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
    do {
      try process.run()
    } catch {
      throw HubError.noProgram(
        path, reason: exists(path) ? error.localizedDescription : "it is not there")
    }
    do {
      try input.fileHandleForWriting.write(contentsOf: Data(request.text.utf8))
      try input.fileHandleForWriting.close()
      try read(output.fileHandleForReading.fileDescriptor, answered: answered, received: received)
    } catch {
      process.terminate()
      process.waitUntilExit()
      throw error
    }
    let reason = String(
      decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let error = HubError.unreachable(
        address: request.address,
        reason: reason.isEmpty ? "\(path) ended with \(process.terminationStatus)" : reason)
      if process.terminationReason == .exit, process.terminationStatus == 1 {
        throw TemporaryFailure(reason: error)
      }
      throw error
    }
  }

  /// Reads what the program writes to its end, which may come before the head is complete: then it says why.
  private func read(
    _ descriptor: Int32, answered: (HTTPResponse) throws -> Void,
    received: ([UInt8]) throws -> Void
  ) throws {
    var head: [UInt8]? = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      var piece = buffer[..<count]
      if let begun = head {
        guard let end = piece.firstIndex(of: 0x0A) else {
          head = begun + piece
          continue
        }
        try answered(response(begun + piece[..<end]))
        head = nil
        piece = piece[(end + 1)...]
      }
      if !piece.isEmpty { try received(Array(piece)) }
    }
  }

  private func response(_ line: [UInt8]) throws -> HTTPResponse {
    let json = try JSON.parse(line, file: path)
    guard let status = json["status"]?.integer, let fields = json["headers"]?.object else {
      throw HubError.noProgram(path, reason: "it belongs to another version")
    }
    let headers = fields.members.compactMap { name, value in value.string.map { (name, $0) } }
    return HTTPResponse(status: status, headers: Dictionary(headers) { $1 })
  }
}
