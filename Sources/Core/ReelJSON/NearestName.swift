// The name that a misspelt one was probably meant to be.

/// How many characters must be inserted, dropped, replaced, or swapped with their neighbour to turn `first`
/// into `second` (optimal string alignment).
///
/// - Complexity: O(m·n) for lengths m and n.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
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

/// A bit for each kind of character: two texts differ in at least as many places as one has bits that the
/// other lacks.
private func kinds(of text: [Unicode.Scalar]) -> UInt64 { text.reduce(0) { $0 | 1 << UInt64($1.value & 63) } }

/// The one of `names` that is nearest to `name`, if it is near enough to have been meant: at most a third
/// of the longer of the two is wrong, or only the case. The earlier in the alphabet of equally near ones.
public func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let scalars = Array(name.unicodeScalars)
  guard (1...64).contains(scalars.count) else { return nil }
  var best: (name: String, distance: Int)?
  let lowered = name.lowercased()
  let ownKinds = kinds(of: scalars)
  for candidate in names where candidate.utf8.count <= 256 && candidate != name {
    let others = Array(candidate.unicodeScalars)
    let longer = max(scalars.count, others.count)
    let limit = max(1, longer / 3)
    var distance = 0
    if candidate.lowercased() != lowered {
      let otherKinds = kinds(of: others)
      let lacking = max((ownKinds & ~otherKinds).nonzeroBitCount, (otherKinds & ~ownKinds).nonzeroBitCount)
      guard longer <= 64, lacking <= limit, abs(scalars.count - others.count) <= limit else { continue }
      distance = editDistance(scalars, others)
      guard distance <= limit, distance < longer else { continue }
    }
    if let known = best, (known.distance, known.name) < (distance, candidate) { continue }
    best = (candidate, distance)
  }
  return best?.name
}
