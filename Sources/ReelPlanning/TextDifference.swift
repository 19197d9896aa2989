// How one text differs from another, word by word: what changed in a prompt.

import ReelStage

/// The way from one text to another.
public struct TextDifference: Hashable, Sendable {
  public enum Run: Hashable, Sendable {
    case same(String)
    case removed(String)
    case added(String)
  }

  /// In the order of the text: no two alike follow each other, and what was removed comes before what was added in
  /// its place.
  public private(set) var runs: [Run] = []

  /// Texts of more words than this, multiplied, are compared only at their ends.
  private static let maximumWork = 4 << 20

  /// - Complexity: O(m·n) for m and n words that differ.
  public init(from old: String, to new: String) {
    let (a, b) = (Self.words(of: old), Self.words(of: new))
    let start = zip(a, b).prefix { $0 == $1 }.count
    let room = min(a.count, b.count) - start
    let end = zip(a.reversed(), b.reversed()).prefix(room).prefix { $0 == $1 }.count
    let steps = Self.steps(Array(a[start..<(a.count - end)]), Array(b[start..<(b.count - end)]))
    append(a[..<start].map { .same($0) })
    append(Self.joined(steps))
    append(a[(a.count - end)...].map { .same($0) })
  }

  /// A word, a run of spaces, or one other character.
  private static func words(of text: String) -> [String] {
    enum Kind { case word, space, other }
    func kind(_ character: Character) -> Kind {
      if character.isWhitespace { return .space }
      // Scripts that do not part their words are compared sign by sign.
      let isIdeograph = character.unicodeScalars.contains { $0.properties.isIdeographic }
      return (character.isLetter || character.isNumber) && !isIdeograph ? .word : .other
    }
    var words: [String] = []
    var last = Kind.other
    for character in text {
      let next = kind(character)
      if next != .other, next == last, !words.isEmpty {
        words[words.count - 1].append(character)
      } else {
        words.append(String(character))
      }
      last = next
    }
    return words
  }

  /// By the longest common subsequence of the words.
  private static func steps(_ a: [String], _ b: [String]) -> [Run] {
    guard !a.isEmpty, !b.isEmpty, a.count * b.count <= maximumWork else {
      return a.map { .removed($0) } + b.map { .added($0) }
    }
    // length[i][j]: how many words the rests a[i...] and b[j...] have in common.
    let width = b.count + 1
    var length = [Int32](repeating: 0, count: (a.count + 1) * width)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        length[i * width + j] =
          a[i] == b[j]
          ? length[(i + 1) * width + j + 1] + 1
          : max(length[(i + 1) * width + j], length[i * width + j + 1])
      }
    }
    var steps: [Run] = []
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i] == b[j] {
        steps.append(.same(a[i]))
        (i, j) = (i + 1, j + 1)
      } else if j == b.count || i < a.count && length[(i + 1) * width + j] >= length[i * width + j + 1] {
        steps.append(.removed(a[i]))
        i += 1
      } else {
        steps.append(.added(b[j]))
        j += 1
      }
    }
    return steps
  }

  /// Changes with nothing but a space between them made one, removed words before added ones.
  private static func joined(_ steps: [Run]) -> [Run] {
    var joined: [Run] = []
    var (removed, added, space) = ("", "", "")
    func flush() {
      if !removed.isEmpty { joined.append(.removed(removed)) }
      if !added.isEmpty { joined.append(.added(added)) }
      if !space.isEmpty { joined.append(.same(space)) }
      (removed, added, space) = ("", "", "")
    }
    for step in steps {
      switch step {
      case .same(let word):
        let isChange = !removed.isEmpty || !added.isEmpty
        if isChange, space.isEmpty, word.allSatisfy(\.isWhitespace) {
          space = word
        } else {
          flush()
          joined.append(step)
        }
      case .removed(let word):
        (removed, added, space) = (removed + space + word, added + space, "")
      case .added(let word):
        (removed, added, space) = (removed + space, added + space + word, "")
      }
    }
    flush()
    return joined
  }

  private mutating func append(_ more: [Run]) {
    for run in more {
      switch (runs.last, run) {
      case (.same(let before)?, .same(let text)): runs[runs.count - 1] = .same(before + text)
      default: runs.append(run)
      }
    }
  }

  public var json: JSON {
    .array(
      runs.map { run in
        switch run {
        case .same(let text): ["same": .string(text)]
        case .removed(let text): ["removed": .string(text)]
        case .added(let text): ["added": .string(text)]
        }
      })
  }
}
