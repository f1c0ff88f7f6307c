import Foundation
import FoundationNetworking

/// Sends one HTTP request for `report`, which does not load FoundationNetworking itself; see HTTPProgram in Hub.
@main
enum HTTPClient {
  /// A request, as JSON on standard input.
  private struct Request: Decodable {
    let method: String
    let address: String
    let headers: [String: String]
  }

  static func main() {
    signal(SIGPIPE, SIG_IGN)
    let input = FileHandle.standardInput.readDataToEndOfFile()
    guard let request = try? JSONDecoder().decode(Request.self, from: input) else {
      Answer.end(
        2, "this program sends requests for `report download`; standard input holds no request")
    }
    guard let url = URL(string: request.address), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.host?.isEmpty == false
    else { Answer.end(2, "this is no address of the web") }
    var message = URLRequest(url: url)
    message.httpMethod = request.method
    for (name, value) in request.headers { message.setValue(value, forHTTPHeaderField: name) }
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.httpShouldSetCookies = false
    // Between two pieces, not for the whole.
    configuration.timeoutIntervalForRequest = 30
    let session = URLSession(
      configuration: configuration, delegate: Answer(), delegateQueue: nil)
    session.dataTask(with: message).resume()
    dispatchMain()
  }
}

/// Writes the answer to standard output, and ends the process when it is complete or broken.
private final class Answer: NSObject, URLSessionDataDelegate {
  /// Redirects are the answer: who asked decides what is sent to another host.
  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    Self.begin(response)
    Self.end(0)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    guard let response = response as? HTTPURLResponse else {
      Self.end(2, "the answer is not HTTP")
    }
    Self.begin(response)
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    // What comes meanwhile waits in memory: a task that is suspended and resumed sends its request again (Swift 6.3), so
    // whoever wants little memory asks for a range at a time.
    Self.write(data)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    guard let error else { Self.end(0) }
    let hopeless: [URLError.Code] = [
      .badURL, .unsupportedURL, .cannotFindHost, .cannotConnectToHost, .secureConnectionFailed,
      .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid,
    ]
    let isHopeless = (error as? URLError).map { hopeless.contains($0.code) } ?? false
    Self.end(isHopeless ? 2 : 1, error.localizedDescription)
  }

  /// Writes status and headers, a line of JSON.
  private static func begin(_ response: HTTPURLResponse) {
    var headers: [String: String] = [:]
    for (name, value) in response.allHeaderFields {
      headers["\(name)".lowercased()] = "\(value)"
    }
    struct Head: Encodable {
      let status: Int
      let headers: [String: String]
    }
    let head = Head(status: response.statusCode, headers: headers)
    guard var line = try? JSONEncoder().encode(head) else {
      end(2, "the answer's headers are not text")
    }
    line.append(0x0A)
    write(line)
  }

  private static func write(_ data: Data) {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      // Nobody reads any more.
      exit(2)
    }
  }

  static func end(_ status: Int32, _ reason: String = "") -> Never {
    if !reason.isEmpty {
      try? FileHandle.standardError.write(contentsOf: Data((reason + "\n").utf8))
    }
    exit(status)
  }
}
