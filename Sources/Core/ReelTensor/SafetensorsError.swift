// What can be wrong with a safetensors file, in words for the person who has the file.

/// A safetensors file that cannot be read or written.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// The file's path.
  public let path: String
  public let problem: Problem

  public enum Problem: Error, Hashable, Sendable {
    /// The system call that failed, and why.
    case unreadable(String)
    case unwritable(String)
    /// Too short to hold a header.
    case truncated(bytes: Int)
    /// The header's length goes past the end of the file, or is beyond all reason.
    case headerTooLong(length: UInt64, available: Int)
    /// The header is no JSON object.
    case header(String)
    /// A tensor's entry lacks a member, or has one of the wrong kind.
    case entry(tensor: String, reason: String)
    case unknownElementType(tensor: String, name: String)
    /// The shape's number of elements or bytes overflows.
    case shapeTooLarge(tensor: String)
    case outOfRange(tensor: String, begin: Int, end: Int, available: Int)
    /// The bytes that the offsets enclose are not those that shape and type need.
    case wrongSize(tensor: String, found: Int, wanted: Int, shape: Shape, type: String)
    case overlapping(tensor: String, other: String)
    /// Asked for, and not in the file.
    case missing(tensor: String)
  }

  public var description: String { "\(path): \(reason)" }

  private var reason: String {
    switch problem {
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .unwritable(let reason): "cannot be written: \(reason)"
    case .truncated(let bytes):
      "is truncated: a safetensors file starts with 8 bytes of header length, and this one has \(bytes)"
    case .headerTooLong(let length, let available):
      "the header is said to have \(length) bytes, and \(available) can be: the file is damaged or incomplete"
    case .header(let reason): "the header is damaged: \(reason)"
    case .entry(let tensor, let reason): "tensor '\(tensor)': \(reason)"
    case .unknownElementType(let tensor, let name):
      "tensor '\(tensor)': unknown type '\(name)'; known are \(SafetensorsFile.typeNames)"
    case .shapeTooLarge(let tensor): "tensor '\(tensor)': the shape has more elements than memory can hold"
    case .outOfRange(let tensor, let begin, let end, let available):
      "tensor '\(tensor)': bytes \(begin) to \(end) lie outside the file's \(available) bytes of data"
    case .wrongSize(let tensor, let found, let wanted, let shape, let type):
      "tensor '\(tensor)': \(type) \(shape) needs \(wanted) bytes, and has \(found)"
    case .overlapping(let tensor, let other): "tensor '\(tensor)': overlaps tensor '\(other)'"
    case .missing(let tensor): "no tensor '\(tensor)'"
    }
  }
}
