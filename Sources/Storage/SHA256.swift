internal import CCrypto

/// A SHA-256 digest computed piece by piece (FIPS 180-4), by OpenSSL's libcrypto.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  public init() {
    // EVP_MD_CTX_new fails only when memory is out; the digest itself is always available.
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      // Unreachable: every libcrypto that the program links has SHA-256.
      preconditionFailure("libcrypto offers no SHA-256")
    }
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Adds bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Adds bytes to the message.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds bytes to the message.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of the message so far, which may go on afterwards.
  public func digest() -> String {
    let copy = SHA256()
    EVP_MD_CTX_copy_ex(copy.context, context)
    return copy.finish()
  }

  /// Ends the message.
  ///
  /// - Returns: 64 lower-case hexadecimal digits.
  public consuming func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of bytes in memory, as 64 hexadecimal digits.
  public static func hex(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// The first 16 bytes of the digest of a text, which no two texts share by chance.
  public static func fingerprint(of text: String) -> SIMD2<UInt64> {
    var text = text
    var digest = [UInt8](repeating: 0, count: 32)
    let isDone = text.withUTF8 {
      EVP_Digest($0.baseAddress, $0.count, &digest, nil, EVP_sha256(), nil)
    }
    guard isDone == 1 else {
      // Unreachable: every libcrypto that the program links has SHA-256.
      preconditionFailure("libcrypto offers no SHA-256")
    }
    return digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD2<UInt64>.self) }
  }

  /// The digest of a file's contents, as 64 hexadecimal digits, read in pieces of 1 MiB.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - size: how many bytes from its start; all if `nil`.
  /// - Returns: the digits.
  /// - Throws: `StorageError` if the file cannot be read so far, or to the end it had when it was opened.
  public static func hex(ofFile path: String, first size: Int? = nil) throws(StorageError) -> String
  {
    try hex(of: RandomAccessFile(path), first: size)
  }

  /// The digest of an open file's contents; see the function for paths.
  static func hex(of file: RandomAccessFile, first size: Int? = nil) throws(StorageError) -> String
  {
    let size = size ?? file.size
    var hash = SHA256()
    var offset = 0
    while offset < size {
      let piece = try file.bytes(at: offset, count: min(1 << 20, size - offset))
      hash.update(piece)
      offset += piece.count
    }
    return hash.finish()
  }
}
