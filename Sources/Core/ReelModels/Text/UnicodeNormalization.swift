// Unicode's normalization forms, by utf8proc: the only file that knows that library.

import CUTF8Proc
import Glibc

/// A normalization form of Unicode Standard Annex 15.
enum UnicodeNormalization: String, Sendable {
  case composed = "NFC"
  case decomposed = "NFD"
  case compatibilityComposed = "NFKC"
  case compatibilityDecomposed = "NFKD"

  /// `text` in this form.
  func apply(to text: String) -> String {
    let bytes = Array(text.utf8)
    var result: UnsafeMutablePointer<utf8proc_uint8_t>?
    let count = bytes.withUnsafeBufferPointer {
      utf8proc_map($0.baseAddress, utf8proc_ssize_t($0.count), &result, options)
    }
    defer { free(result) }
    // A Swift string is valid UTF-8, so the only failure left is that of memory.
    guard count >= 0, let result else { preconditionFailure("out of memory in Unicode normalization") }
    return String(decoding: UnsafeBufferPointer(start: result, count: count), as: UTF8.self)
  }

  private var options: utf8proc_option_t {
    let flags =
      switch self {
      case .composed: [UTF8PROC_STABLE, UTF8PROC_COMPOSE]
      case .decomposed: [UTF8PROC_STABLE, UTF8PROC_DECOMPOSE]
      case .compatibilityComposed: [UTF8PROC_STABLE, UTF8PROC_COMPOSE, UTF8PROC_COMPAT]
      case .compatibilityDecomposed: [UTF8PROC_STABLE, UTF8PROC_DECOMPOSE, UTF8PROC_COMPAT]
      }
    return utf8proc_option_t(rawValue: flags.reduce(0) { $0 | $1.rawValue })
  }
}
