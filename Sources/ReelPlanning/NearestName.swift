// The name that a misspelt one was probably meant to be.

/// How many characters must be inserted, dropped, replaced, or swapped with their neighbour to turn `first` into
/// `second` (optimal string alignment).
///
/// - Complexity: O(m·n) for lengths m and n.
func editDistance(_ first: String, _ second: String) -> Int {
  let (a, b) = (Array(first.unicodeScalars), Array(second.unicodeScalars))
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    row.reserveCapacity(b.count + 1)
    for j in b.indices {
      var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { distance = min(distance, beforeLast[j - 1] + 1) }
      row.append(distance)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

/// The one of `names` that is nearest to `name`, if it is near enough to have been meant: at most a third of the
/// longer of the two is wrong, or only the case. The earlier in the alphabet of equally near ones.
public func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let length = name.unicodeScalars.count
  guard (1...64).contains(length) else { return nil }
  var best: (name: String, distance: Int)?
  let lowered = name.lowercased()
  for candidate in names where candidate != name {
    let longer = max(length, candidate.unicodeScalars.count)
    guard longer <= 64 else { continue }
    let distance = candidate.lowercased() == lowered ? 0 : editDistance(name, candidate)
    guard distance <= max(1, longer / 3), distance < longer else { continue }
    if let known = best, (known.distance, known.name) < (distance, candidate) { continue }
    best = (candidate, distance)
  }
  return best?.name
}
