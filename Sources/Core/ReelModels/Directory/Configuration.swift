// One JSON configuration file, or an object inside it, read by name, type and range.

import ReelJSON

/// A JSON object of a configuration file. Unknown members are ignored, as published configurations carry many.
struct Configuration {
  let file: String
  /// Where the object stands in the file: "" for the whole, "model." for a member's members.
  let prefix: String
  let values: JSON

  /// The largest configuration file that is read, in bytes. Published ones have a few kilobytes.
  private static let largestFile = 1 << 20

  /// Reads the file at `path`.
  init(file path: String, limit: Int = largestFile) throws(ModelError) {
    try self.init(file: path, values: FileContents.json(path, limit: limit))
  }

  /// A JSON value that was read from `file`; it must be an object.
  init(file: String, prefix: String = "", values: JSON) throws(ModelError) {
    guard case .object = values else {
      throw .wrongValue(
        file: file, place: prefix.isEmpty ? "the file" : String(prefix.dropLast()), wanted: "an object",
        found: values.kind)
    }
    self.file = file
    self.prefix = prefix
    self.values = values
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  /// A whole number within `range`; `absent` where the file does not give it.
  func integer(_ name: String, in range: ClosedRange<Int>, default absent: Int? = nil) throws(ModelError)
    -> Int
  {
    guard let value = values[name] else { return try require(absent, name, Self.words(range)) }
    guard let number = value.integer, range.contains(number) else {
      throw wrong(name, wanted: Self.words(range), found: value)
    }
    return number
  }

  /// A number within `range`; `absent` where the file does not give it.
  func number(_ name: String, in range: ClosedRange<Double>, default absent: Double? = nil) throws(ModelError)
    -> Double
  {
    let wanted = "a number from \(range.lowerBound) to \(range.upperBound)"
    guard let value = values[name] else { return try require(absent, name, wanted) }
    guard let number = value.number, range.contains(number) else {
      throw wrong(name, wanted: wanted, found: value)
    }
    return number
  }

  func bool(_ name: String, default absent: Bool? = nil) throws(ModelError) -> Bool {
    guard let value = values[name] else { return try require(absent, name, "true or false") }
    guard let flag = value.bool else { throw wrong(name, wanted: "true or false", found: value) }
    return flag
  }

  func string(_ name: String, default absent: String? = nil) throws(ModelError) -> String {
    guard let value = values[name] else { return try require(absent, name, "text") }
    guard let text = value.string else { throw wrong(name, wanted: "text", found: value) }
    return text
  }

  /// A list of at most `limit` values, each with its place ("latents_mean[3]").
  func list(
    _ name: String, limit: Int, default absent: [JSON]? = nil
  ) throws(ModelError) -> [(place: String, value: JSON)] {
    let values = try self.array(name, limit: limit, default: absent)
    return values.enumerated().map { ("\(name)[\($0)]", $1) }
  }

  /// A list of whole numbers within `range`.
  func integers(_ name: String, in range: ClosedRange<Int>, limit: Int = 64, default absent: [Int]? = nil)
    throws(ModelError) -> [Int]
  {
    var result: [Int] = []
    for (place, value) in try list(name, limit: limit, default: absent?.map { .integer($0) }) {
      guard let number = value.integer, range.contains(number) else {
        throw wrong(place, wanted: Self.words(range), found: value)
      }
      result.append(number)
    }
    return result
  }

  /// A list of `count` finite numbers.
  func numbers(_ name: String, count: Int) throws(ModelError) -> [Double] {
    let values = try list(name, limit: count)
    guard values.count == count else {
      throw wrong(name, wanted: "a list of \(count)", found: "\(values.count)")
    }
    var result: [Double] = []
    for (place, value) in values {
      guard let number = value.number, number.isFinite else {
        throw wrong(place, wanted: "a number", found: value)
      }
      result.append(number)
    }
    return result
  }

  func array(_ name: String, limit: Int, default absent: [JSON]? = nil) throws(ModelError) -> [JSON] {
    guard let value = values[name] else { return try require(absent, name, "a list") }
    guard let list = value.array else { throw wrong(name, wanted: "a list", found: value) }
    guard list.count <= limit else {
      throw wrong(name, wanted: "a list of at most \(limit)", found: "\(list.count)")
    }
    return list
  }

  /// The object at `name`.
  func object(_ name: String) throws(ModelError) -> Configuration {
    guard let value = values[name] else { throw wrong(name, wanted: "an object", found: "nothing") }
    return try Configuration(file: file, prefix: "\(prefix)\(name).", values: value)
  }

  /// The object at `name`, or `nil` where there is none.
  func objectIfGiven(_ name: String) throws(ModelError) -> Configuration? {
    has(name) ? try object(name) : nil
  }

  /// An error about the member `name`.
  func wrong(_ name: String, wanted: String, found: String) -> ModelError {
    .wrongValue(file: file, place: prefix + name, wanted: wanted, found: found)
  }

  func wrong(_ name: String, wanted: String, found: JSON) -> ModelError {
    wrong(name, wanted: wanted, found: Self.words(found))
  }

  private func require<Value>(_ absent: Value?, _ name: String, _ wanted: String) throws(ModelError) -> Value
  {
    guard let absent else { throw wrong(name, wanted: wanted, found: "nothing") }
    return absent
  }

  private static func words(_ range: ClosedRange<Int>) -> String {
    "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }

  private static func words(_ value: JSON) -> String {
    switch value {
    case .string(let text): "'\(text.prefix(80))'"
    case .integer(let number): "'\(number)'"
    case .number(let number): "'\(number)'"
    case .bool(let flag): "'\(flag)'"
    case .null, .array, .object: value.kind
    }
  }
}

extension Configuration {
  /// The object that is an element of a list here: its place in the list, and its value.
  func element(_ place: String, _ value: JSON) throws(ModelError) -> Configuration {
    try Configuration(file: file, prefix: "\(prefix)\(place).", values: value)
  }

  /// An error about a name at `member` that this program does not know.
  func unknown(_ member: String, _ name: String, known: [String]) -> ModelError {
    .unknownClass(file: file, place: prefix + member, name: name, known: known)
  }
}
