internal import COpenMPI
internal import Glibc

/// Open MPI's library, loaded.
///
/// Unchecked because the library's handles never change; all calls come from the thread that began them.
struct OpenMPI: @unchecked Sendable {
  private let library: tg_mpi
  /// What the library says of itself.
  let version: String

  /// Of versions 4 and 5 alike.
  static let fileName = "libmpi.so.40"

  /// - Parameter file: as dlopen takes it.
  /// - Throws: `OpenMPIUnusable`.
  init(file: String = Self.fileName) throws(OpenMPIUnusable) {
    var library = tg_mpi()
    if let problem = tg_mpi_load(file, &library) {
      throw OpenMPIUnusable(file: file, reason: String(cString: problem))
    }
    self.library = library
    version = withUnsafeBytes(of: library.version) { Self.text($0) }
  }

  /// Joins the other processes.
  ///
  /// - Returns: this process' rank, how many there are, and the host's name.
  func start() throws(OpenMPIError) -> (rank: Int, count: Int, host: String) {
    var (rank, size): (Int32, Int32) = (0, 0)
    var host = [CChar](repeating: 0, count: TG_MPI_TEXT)
    try check(withUnsafePointer(to: library) { tg_mpi_start($0, &rank, &size, &host) })
    return (Int(rank), Int(size), host.withUnsafeBytes { Self.text($0) })
  }

  /// One transfer that has begun.
  struct Request: @unchecked Sendable {
    fileprivate var handle: UnsafeMutableRawPointer?
  }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: Int) throws(OpenMPIError) -> Request
  {
    var request = Request()
    try check(
      withUnsafePointer(to: library) {
        tg_mpi_send(
          $0, bytes.baseAddress, Int32(bytes.count), Int32(rank), Int32(tag), &request.handle)
      })
    return request
  }

  /// - Parameters:
  ///   - bytes: receive it.
  ///   - rank: whose; any if `nil`.
  ///   - tag: of what was sent.
  /// - Returns: what to test.
  /// - Throws: what MPI refuses.
  func receive(
    into bytes: UnsafeMutableRawBufferPointer, from rank: Int?, tag: Int
  ) throws(OpenMPIError) -> Request {
    var request = Request()
    let rank = rank.map { Int32($0) } ?? Int32(TG_MPI_ANY_RANK)
    try check(
      withUnsafePointer(to: library) {
        tg_mpi_receive($0, bytes.baseAddress, Int32(bytes.count), rank, Int32(tag), &request.handle)
      })
    return request
  }

  /// - Returns: from whom how many bytes came, if it is done; of what was sent the numbers mean nothing.
  func test(_ request: inout Request) throws(OpenMPIError) -> (rank: Int, count: Int)? {
    var (isDone, rank, count): (Int32, Int32, Int32) = (0, 0, 0)
    try check(
      withUnsafePointer(to: library) {
        tg_mpi_test($0, &request.handle, &isDone, &rank, &count)
      })
    return isDone == 0 ? nil : (Int(rank), Int(count))
  }

  /// Leaves the others, once all of them do.
  func finish() { _ = withUnsafePointer(to: library) { tg_mpi_finish($0) } }

  private func check(_ code: Int32) throws(OpenMPIError) {
    guard code != 0 else { return }
    var words = [CChar](repeating: 0, count: TG_MPI_TEXT)
    withUnsafePointer(to: library) { tg_mpi_words($0, code, &words) }
    throw OpenMPIError(words: words.withUnsafeBytes { Self.text($0) })
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// MPI has refused something.
struct OpenMPIError: Error {
  /// Its own.
  let words: String
}

/// Several processes were started to train together, but nothing lets them.
public struct OpenMPIUnusable: Error, CustomStringConvertible {
  let file: String
  let reason: String

  public var description: String {
    "mpirun or srun has started several processes, which need Open MPI's library, but \(file) cannot be used: \(reason). "
      + "Install it on every host (on Debian: apt-get install openmpi-bin libopenmpi3), or start one process."
  }
}
