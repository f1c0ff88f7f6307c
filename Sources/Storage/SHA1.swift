internal import CCrypto

/// A SHA-1 digest computed piece by piece (FIPS 180-4), by which git names contents; it keeps nobody from forging them.
public struct SHA1: ~Copyable {
  private let context: OpaquePointer

  public init() {
    // EVP_MD_CTX_new fails only when memory is out; the digest itself is always available.
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha1(), nil) == 1 else {
      // Unreachable: every libcrypto that the program links has SHA-1.
      preconditionFailure("libcrypto offers no SHA-1")
    }
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Adds bytes to the message.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
  }

  /// Ends the message.
  ///
  /// - Returns: 40 lower-case hexadecimal digits.
  public consuming func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 20)
    EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
