// Reading JSON with jansson: the only file that knows that library.

import CJansson

/// JSON text that cannot be read.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  public let line: Int
  public let column: Int
  public let reason: String

  public var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSON {
  /// Reads one JSON value that fills `bytes`.
  ///
  /// Members given twice, text after the value, nesting deeper than 2048 and bad UTF-8 are errors.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var error = json_error_t()
    let flags = Int(JSON_REJECT_DUPLICATES) | Int(JSON_DECODE_ANY) | Int(JSON_ALLOW_NUL)
    let start = bytes.bindMemory(to: CChar.self)
    guard let root = json_loadb(start.baseAddress, start.count, flags, &error) else {
      let reason = withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      throw JSONError(line: Int(error.line), column: Int(error.column), reason: reason)
    }
    defer { reel_json_decref(root) }
    self.init(converting: root)
  }

  public init(parsing text: String) throws(JSONError) {
    var text = text
    let result = text.withUTF8 { bytes in
      Result { () throws(JSONError) -> JSON in try JSON(parsing: UnsafeRawBufferPointer(bytes)) }
    }
    self = try result.get()
  }

  private init(converting value: UnsafeMutablePointer<json_t>) {
    switch value.pointee.type {
    case JSON_OBJECT:
      var members: [String: JSON] = [:]
      members.reserveCapacity(json_object_size(value))
      var iterator = json_object_iter(value)
      while let current = iterator {
        let name = UnsafeRawBufferPointer(
          start: json_object_iter_key(current), count: json_object_iter_key_len(current))
        members[String(decoding: name, as: UTF8.self)] = JSON(converting: json_object_iter_value(current))
        iterator = json_object_iter_next(value, current)
      }
      self = .object(members)
    case JSON_ARRAY:
      self = .array((0..<json_array_size(value)).map { JSON(converting: json_array_get(value, $0)) })
    case JSON_STRING:
      let bytes = UnsafeRawBufferPointer(start: json_string_value(value), count: json_string_length(value))
      self = .string(String(decoding: bytes, as: UTF8.self))
    case JSON_INTEGER: self = .integer(Int(json_integer_value(value)))
    case JSON_REAL: self = .number(json_real_value(value))
    case JSON_TRUE: self = .bool(true)
    case JSON_FALSE: self = .bool(false)
    default: self = .null
    }
  }
}
