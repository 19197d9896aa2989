// Patterns of file names.

/// A pattern: `*` stands for any characters of a name, `?` for one, `[a-z]` and `[!a-z]` for one of or
/// outside a set, `**` for any characters across folders, and `**/` also for nothing.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
  public let description: String
  private let steps: [Step]

  private enum Step: Hashable {
    case scalar(Unicode.Scalar)
    case any
    case set([ClosedRange<Unicode.Scalar>], isInverted: Bool)
    case run
    case path
    case folders
  }

  public init(_ pattern: String) {
    description = pattern
    var steps: [Step] = []
    var rest = Array(pattern.unicodeScalars)[...]
    while let next = rest.popFirst() {
      switch next {
      case "*" where rest.first == "*":
        rest.removeFirst()
        if rest.first == "/" {
          rest.removeFirst()
          steps.append(.folders)
        } else {
          steps.append(.path)
        }
      case "*": steps.append(.run)
      case "?": steps.append(.any)
      case "[":
        if let set = Self.set(&rest) { steps.append(set) } else { steps.append(.scalar(next)) }
      default: steps.append(.scalar(next))
      }
    }
    self.steps = steps
  }

  /// Whether the text has a sign that a pattern gives a meaning.
  public static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// Reads a set up to its `]`; `nil` where it is not closed.
  private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Step? {
    var inside = rest
    let isInverted = inside.first == "!"
    if isInverted { inside.removeFirst() }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let low = inside.popFirst() {
      if low == "]", !ranges.isEmpty {
        rest = inside
        return .set(ranges, isInverted: isInverted)
      }
      if inside.first == "-", let high = inside.dropFirst().first, high != "]", low <= high {
        inside.removeFirst(2)
        ranges.append(low...high)
      } else {
        ranges.append(low...low)
      }
    }
    return nil
  }

  /// Whether the whole of `text` fits.
  ///
  /// - Complexity: O(m·n) for a pattern of length m and a text of length n.
  public func matches(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    // reached[i]: the steps so far fit the first i characters.
    var reached = Array(repeating: false, count: scalars.count + 1)
    reached[0] = true
    for step in steps { reached = advance(reached, by: step, over: scalars) }
    return reached[scalars.count]
  }

  private func advance(_ reached: [Bool], by step: Step, over scalars: [Unicode.Scalar]) -> [Bool] {
    var next = Array(repeating: false, count: reached.count)
    switch step {
    case .run, .path:
      next[0] = reached[0]
      for i in scalars.indices {
        next[i + 1] = reached[i + 1] || next[i] && (step == .path || scalars[i] != "/")
      }
    case .folders:
      var isOpen = false
      for i in reached.indices {
        next[i] = reached[i] || isOpen && scalars[i - 1] == "/"
        isOpen = isOpen || reached[i]
      }
    case .scalar, .any, .set:
      for i in scalars.indices where reached[i] { next[i + 1] = fits(step, scalars[i]) }
    }
    return next
  }

  private func fits(_ step: Step, _ scalar: Unicode.Scalar) -> Bool {
    switch step {
    case .scalar(let wanted): scalar == wanted
    case .any: scalar != "/"
    case .set(let ranges, let isInverted):
      scalar != "/" && ranges.contains { $0.contains(scalar) } != isInverted
    case .run, .path, .folders: false
    }
  }
}
