// Parameters that concern only some frames: which elements of a list matter to a span.

/// How a list of records says which frames each of its elements concerns.
///
/// An action that makes a span gets only the elements that matter to it, and its key holds only those. An element
/// on some frame of the span has, in the place of its two moments, ``frames``: its first frame and the one after its
/// last. One that matters for another's sake, since it is referred to or leads, stands there without.
public struct ElementTiming: Hashable, Sendable {
  /// The field with the moment at which an element comes, in seconds; negative from the film's end. The film's
  /// start where it is absent.
  public let from: String
  /// The field with the moment at which it is gone. The film's end where it is absent.
  public let until: String
  /// The field with an element's name.
  public let name: String?
  /// Fields that name an earlier element, which then matters wherever this one does.
  public let references: [String]
  /// A field such that the first element that has it matters to every span.
  public let lead: String?

  /// The member that stands in the place of the moments.
  static let frames = "frames"

  public init(
    from: String, until: String, name: String? = nil, references: [String] = [], lead: String? = nil
  ) {
    self.from = from
    self.until = until
    self.name = name
    self.references = references
    self.lead = lead
  }
}

/// What of a node's parameters matters to one span of a film.
public struct SpanParameters: Hashable, Sendable {
  /// By parameter with a timing, the elements that matter, ascending.
  fileprivate let lists: [String: [Element]]

  fileprivate struct Element: Hashable, Sendable {
    let index: Int
    /// `nil` for one that is on no frame of the span.
    let frames: Range<Int>?
    let timing: ElementTiming
  }

  /// - Parameters:
  ///   - values: checked parameters of a stage with these `parameters`.
  ///   - frames: the span.
  /// - Throws: ``StageError/parameter(_:_:)`` for an element that is on no frame of the film.
  public init(
    _ values: JSON, of parameters: [Parameter], on frames: Range<Int>, of film: FilmLength
  ) throws(StageError) {
    var lists: [String: [Element]] = [:]
    for parameter in parameters {
      guard let timing = parameter.timing, let elements = values[parameter.name]?.array else { continue }
      let path = ParameterPath([.name(parameter.name)])
      var runs: [Range<Int>] = []
      for (index, element) in elements.enumerated() {
        runs.append(try timing.frames(of: element, at: path.appending(.index(index)), in: film))
      }
      let seen = runs.map { $0.overlaps(frames) }
      let matter = timing.withReferences(seen, elements)
      lists[parameter.name] = elements.indices.filter { matter[$0] }.map {
        Element(index: $0, frames: seen[$0] ? runs[$0] : nil, timing: timing)
      }
    }
    self.lists = lists
  }

  /// The parameters as the stage gets them: `null` in the place of what does not matter, so that every element
  /// keeps its index, by which people know it.
  public func given(_ values: JSON) -> JSON {
    reduced(values) { elements, kept in
      var reduced = [JSON](repeating: .null, count: elements.count)
      for element in kept { reduced[element.index] = element.applied(to: elements[element.index]) }
      return reduced
    }
  }

  /// The parameters as the key has them: only what matters, so that an element of another span is not even
  /// counted.
  public func digested(_ values: JSON) -> JSON {
    reduced(values) { elements, kept in kept.map { $0.applied(to: elements[$0.index]) } }
  }

  /// By list, the indices of the elements in ``digested(_:)`` as the pipeline counts them.
  public var places: [String: [Int]] { lists.mapValues { $0.map(\.index) } }

  /// Whether the value at `path` is among them.
  public func concern(_ path: ParameterPath) -> Bool {
    guard case .name(let name) = path.steps.first, let kept = lists[name], path.steps.count > 1,
      case .index(let index) = path.steps[1]
    else { return true }
    return kept.contains { $0.index == index }
  }

  private func reduced(_ values: JSON, _ reduce: ([JSON], [Element]) -> [JSON]) -> JSON {
    guard case .object(var members) = values else { return values }
    for (name, kept) in lists {
      if let elements = members[name]?.array { members[name] = .array(reduce(elements, kept)) }
    }
    return .object(members)
  }
}

extension SpanParameters.Element {
  fileprivate func applied(to value: JSON) -> JSON {
    guard case .object(var members) = value else { return value }
    members[timing.from] = nil
    members[timing.until] = nil
    members[ElementTiming.frames] = frames.map { [.integer($0.lowerBound), .integer($0.upperBound)] }
    return .object(members)
  }
}

extension ElementTiming {
  /// The frames of a film that an element is on.
  fileprivate func frames(
    of element: JSON, at path: ParameterPath, in film: FilmLength
  ) throws(StageError) -> Range<Int> {
    func text(_ seconds: Double) -> String { ((seconds * 1000).rounded() / 1000).shortText }
    func frame(_ field: String, default frame: Int) throws(StageError) -> Int {
      guard let moment = element[field]?.number else { return frame }
      guard let frame = film.frame(at: moment) else {
        throw .parameter(
          path.appending(.name(field)).description,
          "\(text(moment)) s is outside the film, which lasts \(text(film.seconds)) s")
      }
      return frame
    }
    let first = try frame(from, default: 0)
    let end = try frame(until, default: film.frames)
    guard first < end || film.frames == 0 else {
      func position(_ field: String, default seconds: Double) -> Double {
        element[field]?.number.map { $0 < 0 ? film.seconds + $0 : $0 } ?? seconds
      }
      throw .parameter(
        path.appending(.name(element[until]?.number == nil ? from : until)).description,
        "it is never seen: it comes at \(text(position(from, default: 0))) s and is gone at "
          + "\(text(position(until, default: film.seconds))) s")
    }
    return first..<end
  }

  /// Which elements matter: the given ones, the one that leads, and all that these refer to, by whatever steps.
  fileprivate func withReferences(_ given: [Bool], _ elements: [JSON]) -> [Bool] {
    var matter = given
    if let lead, let first = elements.firstIndex(where: { $0[lead].map { $0 != .null } ?? false }) {
      matter[first] = true
    }
    guard let name else { return matter }
    for index in elements.indices.reversed() where matter[index] {
      let wanted = references.compactMap { elements[index][$0]?.string }
      for earlier in elements[..<index].indices where wanted.contains(elements[earlier][name]?.string ?? "") {
        matter[earlier] = true
      }
    }
    return matter
  }
}
