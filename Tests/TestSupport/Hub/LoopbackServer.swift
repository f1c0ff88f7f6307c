internal import Foundation
internal import Glibc

/// A small HTTP/1.1 server on 127.0.0.1 that answers as a test wants, also as no server should.
///
/// One request per connection, each on a thread of its own, so that a test may hold one back while others go on.
public final class LoopbackServer: Sendable {
  public struct Request: Sendable {
    public let method: String
    /// From the slash after the host on.
    public let path: String
    /// By name in lower case.
    public let headers: [String: String]
  }

  public struct Response: Sendable {
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]
    /// Ends the connection after so many bytes of the body, whatever Content-Length says.
    public var cutAfter: Int?
    /// Runs when half of the body is sent, on the connection's own thread.
    public var halfway: (@Sendable () -> Void)?

    public init(
      _ status: Int, _ headers: [String: String] = [:], body: [UInt8] = [], cutAfter: Int? = nil,
      halfway: (@Sendable () -> Void)? = nil
    ) {
      (self.status, self.headers, self.body) = (status, headers, body)
      (self.cutAfter, self.halfway) = (cutAfter, halfway)
    }
  }

  public let port: Int
  private let listener: Int32
  private let answer: @Sendable (Request) -> Response

  /// The server's address, by number; `localhost` is another host to a client, though the same machine.
  public var address: String { "http://127.0.0.1:\(port)" }

  /// Starts to listen.
  ///
  /// - Parameter answer: called for each request, from several threads.
  /// - Throws: `POSIXError` if there is no free port.
  public init(answer: @escaping @Sendable (Request) -> Response) throws {
    self.answer = answer
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port: Int? = withUnsafeMutablePointer(to: &place) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(listener, address, length) == 0, listen(listener, 64) == 0,
          getsockname(listener, address, &length) == 0
        else { return nil }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
      }
    }
    guard let port else {
      let code = POSIXErrorCode(rawValue: errno) ?? .EADDRNOTAVAIL
      close(listener)
      throw POSIXError(code)
    }
    (self.listener, self.port) = (listener, port)
    Thread { [answer] in Self.accept(listener, answer) }.start()
  }

  deinit {
    // Wakes the thread that waits in accept(2).
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func accept(_ listener: Int32, _ answer: @escaping @Sendable (Request) -> Response)
  {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
      guard connection >= 0 else { return }
      Thread {
        serve(connection, answer)
        // A process that a test starts meanwhile may have inherited the connection; this ends it all the same.
        shutdown(connection, Int32(SHUT_RDWR))
        close(connection)
      }.start()
    }
  }

  private static func serve(_ connection: Int32, _ answer: (Request) -> Response) {
    guard let request = readRequest(connection) else { return }
    let response = answer(request)
    var headers = response.headers
    if headers["Content-Length"] == nil { headers["Content-Length"] = "\(response.body.count)" }
    headers["Connection"] = "close"
    let lines = headers.map { "\($0.key): \($0.value)\r\n" }.sorted().joined()
    guard
      send(Array("HTTP/1.1 \(response.status) Answer\r\n\(lines)\r\n".utf8)[...], to: connection),
      request.method != "HEAD"
    else { return }
    let body = response.body.prefix(response.cutAfter ?? response.body.count)
    guard let halfway = response.halfway else {
      _ = send(body, to: connection)
      return
    }
    let middle = body.startIndex + body.count / 2
    guard send(body[..<middle], to: connection) else { return }
    halfway()
    _ = send(body[middle...], to: connection)
  }

  private static func readRequest(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard recv(connection, &byte, 1, 0) == 1, bytes.count < 1 << 16 else { return nil }
      bytes.append(byte)
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return Request(method: String(words[0]), path: String(words[1]), headers: headers)
  }

  private static func send(_ bytes: ArraySlice<UInt8>, to connection: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
