// What `${…}` can name, and the value it then has.

import ReelStage

/// Everything in a pipeline that a reference can name, but for the row of each axis.
struct Scope: Sendable {
  /// The pipeline's name; `nil` while it is being worked out.
  var name: String?
  var vars: [Field] = [] { didSet { index = Self.index(of: vars) } }
  /// The axes, in the order of the matrix.
  var axes: [Axis] = []
  /// The environment variables that the pipeline declares.
  var declared: [String] = []
  /// What they hold.
  var environment: [String: String] = [:]
  private var index: [String: Int] = [:]

  private static func index(of vars: [Field]) -> [String: Int] {
    Dictionary(vars.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func variable(_ name: String) -> Value? { index[name].map { vars[$0].value } }
}

/// What `${each}` stands for.
enum Each: Hashable, Sendable {
  /// Nothing: the node is not repeated.
  case none
  case row(Row)
  /// A shot that only a running pipeline knows.
  case laterShot

  init(_ row: Row?) { self = row.map { .row($0) } ?? .none }
}

/// Fills in references, at one cell of the matrix.
struct Evaluation {
  let scope: Scope
  /// By axis, the row; `nil` where a reference to the matrix cannot stand.
  let rows: [String: Row]?
  /// The element of the `foreach` list.
  let each: Each
  /// The axes that were looked up.
  private(set) var axes: Set<String> = []
  private(set) var problems = ProblemLog()
  /// How many more values and characters may be made. One that runs out stops hostile expansion.
  private var budget: Int
  private(set) var spent = 0
  /// The variables being evaluated, outermost first.
  private var visiting: [String] = []
  /// Whether the budget did not suffice; that is noted.
  private(set) var isSpent = false
  /// Where a reference could not be filled in.
  private var failures: Set<Place> = []
  /// Where a reference is to a shot, which is known only while the pipeline runs: the text is left as written.
  private(set) var later: Set<Place> = []

  static let budget = 1 << 20
  private static let lookUpCost = 32
  private static let maximumDepth = 64

  init(_ scope: Scope, rows: [String: Row]?, each: Each = .none, budget: Int = Evaluation.budget) {
    self.scope = scope
    self.rows = rows
    self.each = each
    self.budget = budget
  }

  /// `value` with every reference filled in. Where one cannot be, a diagnostic is noted and the place is
  /// `nothing`.
  mutating func fill(_ value: Value) -> Value {
    guard spend(1, at: value.place) else { return Value(.nothing, at: value.place) }
    switch value.content {
    case .nothing: return value
    case .text(let text):
      return Template.isPossible(in: text) ? fill(Template(text), of: value) : value
    case .list(let values):
      return Value(.list(values.map { fill($0) }), at: value.place, from: value.origin)
    case .record(let fields):
      let filled = fields.map { Field($0.name, at: $0.place, fill($0.value)) }
      return Value(.record(filled), at: value.place, from: value.origin)
    }
  }

  private mutating func fill(_ template: Template, of value: Value) -> Value {
    for (problem, offset) in template.problems { note(problem, at: value.place(atOffset: offset)) }
    let filled = fill(template.pieces, of: value)
    guard template.problems.isEmpty, let filled else {
      if later.contains(value.place) { return value }
      failures.insert(value.place)
      return Value(.nothing, at: value.place)
    }
    return filled
  }

  /// Whether anything could not be filled in.
  var hasFailed: Bool { !failures.isEmpty }

  /// Whether a problem with `value`, which this filled in, follows from a reference that could not be, or not
  /// yet.
  func failed(at problem: ParameterProblem, in value: Value) -> Bool {
    guard !failures.isEmpty || !later.isEmpty else { return false }
    var path = problem.path
    if case .missing(let name) = problem.reason { path = path.appending(.name(name)) }
    return value.value(at: path).map { failures.contains($0.place) || later.contains($0.place) } ?? false
  }

  private mutating func fill(_ pieces: [Template.Piece], of value: Value) -> Value? {
    if pieces.count == 1, case .reference(let names, let offset) = pieces[0] {
      guard let found = look(up: names, in: value, atOffset: offset) else { return nil }
      return Value(found.content, at: value.place, from: found.origin ?? found.place)
    }
    var text = ""
    var origin = value.origin
    // One that cannot be filled in does not hide another one's problem.
    var isWhole = true
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .text(let literal): text += literal
      case .reference(let names, let offset):
        guard let found = look(up: names, in: value, atOffset: offset) else {
          isWhole = false
          continue
        }
        switch found.content {
        case .text(let inner):
          text += inner
          // A path that begins with a variable starts where the variable was written.
          if index == 0 { origin = found.origin ?? found.place }
        case .nothing: break
        case .list, .record:
          note(.noTextInText(names, found: found.found), at: value.place(atOffset: offset))
          isWhole = false
        }
      }
      guard spend(text.utf8.count, at: value.place) else { return nil }
    }
    return isWhole ? Value(.text(text), at: value.place, from: origin) : nil
  }

  /// What a reference in `value` names; `nil` where it cannot be filled in, or not yet.
  private mutating func look(up names: [String], in value: Value, atOffset offset: Int) -> Value? {
    let place = value.place(atOffset: offset)
    let found = look(up: names, at: place)
    // The whole value waits for the shot.
    if later.remove(place) != nil { later.insert(value.place) }
    guard let found, !failures.contains(found.place) else { return nil }
    return found
  }

  private mutating func look(up names: [String], at place: Place) -> Value? {
    guard spend(Self.lookUpCost, at: place) else { return nil }
    let rest = names.dropFirst()
    switch names[0] {
    case "vars": return lookUpVariable(rest, at: place)
    case "matrix": return lookUpAxis(rest, at: place)
    case "each":
      switch each {
      case .none: return refuse(.eachOutsideForeach, at: place)
      case .row(let row): return lookUpField(rest, of: row, named: "each", at: place)
      case .laterShot:
        if let field = rest.first, !Row.shotFields.contains(field) {
          return refuse(.unknownField(field, of: "each", known: Row.shotFields), at: place)
        }
        later.insert(place)
        return nil
      }
    case "env": return lookUpEnvironment(rest, at: place)
    case "name":
      guard rest.isEmpty else { return refuse(.fieldOfText(names: names), at: place) }
      guard let name = scope.name else { return refuse(.nameInName, at: place) }
      return Value(.text(name), at: place)
    default: return refuse(.unknownReference(names), at: place)
    }
  }

  private mutating func lookUpVariable(_ names: ArraySlice<String>, at place: Place) -> Value? {
    guard let first = names.first else { return refuse(.wantsField("vars"), at: place) }
    guard let variable = scope.variable(first) else {
      return refuse(.unknownVariable(first, known: scope.vars.map(\.name)), at: place)
    }
    return descend(names.dropFirst(), from: variable, named: ["vars", first], at: place)
  }

  /// Goes down from `value` by `names`, filling in only what it passes and what it ends at.
  private mutating func descend(
    _ names: ArraySlice<String>, from value: Value, named path: [String], at place: Place
  ) -> Value? {
    let name = path.joined(separator: ".")
    guard let next = names.first else { return fillVariable(name, value, at: place) }
    var value = value
    if let text = value.text, Template.isPossible(in: text) {
      guard let filled = fillVariable(name, value, at: place) else { return nil }
      // What could not be filled in has been reported.
      if filled.isNothing { return nil }
      value = filled
    }
    switch value.content {
    case .record(let fields):
      guard let field = fields.first(where: { $0.name == next }) else {
        return refuse(.unknownField(next, of: name, known: fields.map(\.name)), at: place)
      }
      return descend(names.dropFirst(), from: field.value, named: path + [next], at: place)
    case .list(let values):
      guard let index = Int(next), values.indices.contains(index) else {
        return refuse(.unknownElement(next, of: name, count: values.count), at: place)
      }
      return descend(names.dropFirst(), from: values[index], named: path + [next], at: place)
    case .text, .nothing: return refuse(.fieldOfText(names: path + [next]), at: place)
    }
  }

  private mutating func fillVariable(_ name: String, _ value: Value, at place: Place) -> Value? {
    if let start = visiting.firstIndex(of: name) {
      return refuse(.variableCycle(visiting[start...] + [name]), at: place)
    }
    guard visiting.count < Self.maximumDepth else {
      return refuse(.variablesTooDeep(Self.maximumDepth), at: place)
    }
    visiting.append(name)
    defer { visiting.removeLast() }
    return fill(value)
  }

  private mutating func lookUpAxis(_ names: ArraySlice<String>, at place: Place) -> Value? {
    guard let first = names.first else { return refuse(.wantsField("matrix"), at: place) }
    guard let axis = scope.axes.first(where: { $0.name == first }) else {
      return refuse(.unknownAxis(first, known: scope.axes.map(\.name)), at: place)
    }
    guard let rows else { return refuse(.matrixNotHere(names: ["matrix"] + names), at: place) }
    axes.insert(axis.name)
    guard let row = rows[axis.name] ?? axis.rows.first else { return nil }
    return lookUpField(names.dropFirst(), of: row, named: "matrix.\(axis.name)", at: place)
  }

  /// A row itself stands for its id.
  private mutating func lookUpField(
    _ names: ArraySlice<String>, of row: Row, named name: String, at place: Place
  ) -> Value? {
    guard let first = names.first else { return Value(.text(row.id), at: row.place) }
    guard let field = row.field(first) else {
      return refuse(.unknownRowField(first, of: name, known: row.fieldNames), at: place)
    }
    // Rows were filled in when the matrix was read.
    var value = field
    var path = [name, first]
    for next in names.dropFirst() {
      guard let fields = value.record else { return refuse(.fieldOfText(names: path + [next]), at: place) }
      guard let field = value[next] else {
        return refuse(
          .unknownField(next, of: path.joined(separator: "."), known: fields.map(\.name)), at: place)
      }
      (value, path) = (field, path + [next])
    }
    return value
  }

  private mutating func lookUpEnvironment(_ names: ArraySlice<String>, at place: Place) -> Value? {
    guard let first = names.first else { return refuse(.wantsField("env"), at: place) }
    guard names.count == 1 else { return refuse(.fieldOfText(names: ["env"] + names), at: place) }
    guard scope.declared.contains(first) else {
      return refuse(.undeclaredEnvironment(first, declared: scope.declared), at: place)
    }
    guard let value = scope.environment[first] else { return refuse(.unsetEnvironment(first), at: place) }
    return Value(.text(value), at: place)
  }

  private mutating func refuse(_ problem: Problem, at place: Place) -> Value? {
    note(problem, at: place)
    return nil
  }

  mutating func note(_ problem: Problem, at place: Place) {
    problems.note(problem, at: place)
  }

  private mutating func spend(_ amount: Int, at place: Place) -> Bool {
    budget -= amount
    spent += amount
    if budget < 0, !isSpent {
      isSpent = true
      note(.expansionTooLarge, at: place)
    }
    return budget >= 0
  }
}
