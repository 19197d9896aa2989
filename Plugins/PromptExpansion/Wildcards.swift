// Named lists that texts choose from.

import ReelStage

/// The wildcards of a pipeline.
struct Wildcards: Hashable, Sendable {
  /// One thing to choose; a line such as `3::red` weighs three times.
  struct Line: Hashable, Sendable {
    let text: String
    let weight: Double

    init(_ line: String) {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      if parts.count == 3, parts[1].isEmpty, let weight = Double(parts[0]), weight > 0, weight <= 1_000_000 {
        (text, self.weight) = (String(parts[2]), weight)
      } else {
        (text, weight) = (line, 1)
      }
    }
  }

  private let lists: [String: [Line]]

  init(_ lists: [String: [String]] = [:]) { self.lists = lists.mapValues { $0.map(Line.init) } }

  /// In ascending order.
  var names: [String] { lists.keys.sorted() }

  /// The lines of every wildcard whose name matches, by name; `*` stands for any characters, `?` for one.
  func lines(_ pattern: String) -> [Line] {
    if let list = lists[pattern] { return list }
    return names.filter { Self.matches(Array($0), Array(pattern)) }.flatMap { lists[$0]! }
  }

  /// One pass that goes back to the last `*` only: linear in the name for each `*`.
  private static func matches(_ name: [Character], _ pattern: [Character]) -> Bool {
    var (at, wanted) = (0, 0)
    var star: (at: Int, wanted: Int)?
    while at < name.count {
      if wanted < pattern.count, pattern[wanted] == "*" {
        star = (at, wanted)
        wanted += 1
      } else if wanted < pattern.count, pattern[wanted] == "?" || pattern[wanted] == name[at] {
        (at, wanted) = (at + 1, wanted + 1)
      } else if let last = star {
        star = (last.at + 1, last.wanted)
        (at, wanted) = (last.at + 1, last.wanted + 1)
      } else {
        return false
      }
    }
    return pattern[wanted...].allSatisfy { $0 == "*" }
  }
}

extension Wildcards {
  /// Reads the declared wildcards: each a name with `values`, or a `file` of one value a line, where lines
  /// that begin with `#` and empty ones do not count.
  init(_ records: [Parameters]) throws(StageError) {
    var lists: [String: [String]] = [:]
    for record in records {
      let name = record.text("name")
      guard name.allSatisfy({ $0.isLetter || $0.isNumber || "_-/.".contains($0) }), !name.contains("__")
      else {
        throw record.problem("name", "wanted letters, digits and any of - _ . /, found '\(name)'")
      }
      guard lists[name] == nil else { throw record.problem("name", "'\(name)' is given twice") }
      switch (record.has("values"), record.has("file")) {
      case (true, false): lists[name] = record.list("values").compactMap(\.string)
      case (false, true): lists[name] = try Self.lines(ofFile: record.text("file"))
      default: throw record.problem("name", "'\(name)' wants either 'values' or a 'file'")
      }
    }
    self.init(lists)
  }

  private static func lines(ofFile path: String) throws(StageError) -> [String] {
    let lines = try TextFile.read(path).split(whereSeparator: \.isNewline)
      .map { String($0.drop { $0 == " " || $0 == "\t" }) }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !lines.isEmpty else { throw .file(path, "has no line to choose; wanted one value a line") }
    return lines
  }
}
