// SHA-256 digests, which name artifacts, files and actions. The only file that knows libcrypto.

import CCrypto
import ReelStage

/// A SHA-256 digest.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The 32 bytes, eight to a word, the first byte of the digest in the top bits of the first word.
  package let words: SIMD4<UInt64>

  /// The digest of `bytes`.
  public init(of bytes: UnsafeRawBufferPointer) {
    var stream = DigestStream()
    stream.append(bytes)
    self = stream.finish()
  }

  public init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { Digest(of: $0) } }

  /// The digest of the text's UTF-8 bytes.
  public init(of text: String) {
    var text = text
    self = text.withUTF8 { Digest(of: UnsafeRawBufferPointer($0)) }
  }

  /// Reads what ``description`` writes: 64 lower-case hexadecimal digits; `nil` for anything else.
  public init?(_ text: String) {
    guard text.utf8.count == 64 else { return nil }
    var words = SIMD4<UInt64>()
    var index = 0
    for byte in text.utf8 {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      default: return nil
      }
      words[index / 16] = words[index / 16] << 4 | UInt64(digit)
      index += 1
    }
    self.words = words
  }

  package init(words: SIMD4<UInt64>) { self.words = words }

  /// 64 lower-case hexadecimal digits.
  public var description: String {
    String(unsafeUninitializedCapacity: 64) { digits in
      for index in 0..<64 {
        let digit = UInt8(truncatingIfNeeded: words[index / 16] >> UInt64(60 - index % 16 * 4)) & 15
        digits[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
      }
      return 64
    }
  }

  public static func < (first: Digest, second: Digest) -> Bool {
    for index in 0..<4 where first.words[index] != second.words[index] {
      return first.words[index] < second.words[index]
    }
    return false
  }
}

/// Makes the digest of bytes that come piece by piece.
public struct DigestStream: ~Copyable {
  private var state = SHA256_CTX()

  public init() { SHA256_Init(&state) }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    SHA256_Update(&state, start, bytes.count)
  }

  public mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of everything appended.
  public consuming func finish() -> Digest {
    var state = state
    var words = SIMD4<UInt64>()
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { bytes in
      SHA256_Final(bytes.baseAddress, &state)
      for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
    }
    return Digest(words: words)
  }
}
