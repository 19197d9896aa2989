// The errors found so far, each once.

/// A problem and where it is.
struct PlacedProblem: Error, Hashable {
  let place: Place
  let problem: Problem

  init(_ place: Place, _ problem: Problem) {
    self.place = place
    self.problem = problem
  }

  /// The place tells enough: a problem can hold every name of the pipeline.
  func hash(into hasher: inout Hasher) { hasher.combine(place) }

  /// On one line, whatever line breaks the user's words have.
  var diagnostic: Diagnostic { Diagnostic(place, problem.message.replacing("\n", with: "\\n")) }
}

/// Collects problems. A broken file of 100,000 nodes must not make 100,000 messages, so it stops at a limit.
struct ProblemLog: Sendable {
  private(set) var problems: [PlacedProblem] = []
  private var seen: Set<PlacedProblem> = []

  private static let maximumNoted = 1_000
  private static let maximumTold = 100

  var isEmpty: Bool { problems.isEmpty }
  /// Whether nothing more is noted.
  var isFull: Bool { problems.count >= Self.maximumNoted }

  mutating func note(_ problem: Problem, at place: Place) { note(PlacedProblem(place, problem)) }

  mutating func note(_ problem: PlacedProblem) {
    if !isFull, seen.insert(problem).inserted { problems.append(problem) }
  }

  mutating func add(_ other: ProblemLog) { for problem in other.problems { note(problem) } }

  /// By file in the order of `files`, then by line and column; the first hundred.
  func diagnostics(inOrderOf files: [String]) -> [Diagnostic] {
    let ranks = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func rank(_ entry: (offset: Int, element: PlacedProblem)) -> (Int, Int, Int, Int) {
      let place = entry.element.place
      return (ranks[place.file] ?? files.count, place.line, place.column, entry.offset)
    }
    let sorted = problems.enumerated().sorted { rank($0) < rank($1) }.map(\.element)
    let told = sorted.prefix(Self.maximumTold).map(\.diagnostic)
    guard sorted.count > Self.maximumTold else { return told }
    return told + [Diagnostic(sorted[Self.maximumTold].place, Problem.manyMore.message)]
  }
}
