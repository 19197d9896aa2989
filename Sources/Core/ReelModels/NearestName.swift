// The known name that a mistyped or unknown one is nearest to, for error messages.

enum NearestName {
  /// The first of `known` at the smallest edit distance from `name`; "" where nothing is known.
  static func among(_ known: [String], to name: String) -> String {
    var best = (name: known.first ?? "", distance: Int.max)
    for candidate in known {
      let distance = editDistance(Array(candidate.utf8), Array(name.utf8.prefix(256)))
      if distance < best.distance { best = (candidate, distance) }
    }
    return best.name
  }

  /// Levenshtein's distance: insertions, deletions and replacements of one byte.
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, byte) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}
