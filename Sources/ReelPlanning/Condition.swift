// `when`: in which variants a node exists or an output is delivered.

import ReelStage

/// Something looked up that must be one of a few texts.
struct Condition: Hashable, Sendable {
  /// The look-up as text, `${matrix.format.id}`, where its name stands.
  let lookUp: Value
  let wanted: [String]
}

/// What must hold. Nothing is computed: look-ups are compared with texts.
public struct Conditions: Hashable, Sendable {
  /// All of these must hold.
  var all: [Condition] = []
  /// These must not all hold, where there are any.
  var not: [Condition] = []

  /// Every look-up, for the axes that they use.
  var lookUps: Value {
    Value(.list((all + not).map(\.lookUp)), at: (all + not).first?.lookUp.place ?? Place(file: ""))
  }

  var isEmpty: Bool { all.isEmpty && not.isEmpty }
}

extension Evaluation {
  /// Whether the conditions hold. Where something cannot be looked up, that is noted, and they do.
  mutating func holds(_ conditions: Conditions) -> Bool {
    let all = conditions.all.map { holds($0) }
    let not = conditions.not.map { holds($0) }
    return !all.contains(false) && (not.isEmpty || not.contains(false))
  }

  private mutating func holds(_ condition: Condition) -> Bool {
    let problemCount = problems.problems.count
    let found = fill(condition.lookUp)
    guard problems.problems.count == problemCount else { return true }
    switch found.content {
    case .text(let text): return condition.wanted.contains(text)
    case .nothing: return condition.wanted.contains("")
    case .list, .record:
      note(.wrong("'when'", wanted: "the name of a text", found: found.found), at: condition.lookUp.place)
      return true
    }
  }
}

extension PipelineReader {
  /// The conditions of a node or an output.
  mutating func readConditions(_ value: Value?, as what: String) -> Conditions {
    var conditions = Conditions()
    guard let value, !value.isNothing else { return conditions }
    for field in record(value, as: "'when' of \(what)") ?? [] {
      if field.name == "not" {
        conditions.not = (record(field.value, as: "'not' of \(what)") ?? []).compactMap { readCondition($0) }
      } else if let condition = readCondition(field) {
        conditions.all.append(condition)
      }
    }
    return conditions
  }

  /// `matrix.format.id: [9x16, 1x1]`.
  private mutating func readCondition(_ field: Field) -> Condition? {
    let template = Template("${\(field.name)}")
    guard case .reference(let names, _)? = template.pieces.first, template.pieces.count == 1 else {
      note(
        .wrong("'when'", wanted: "a name such as 'matrix.format.id'", found: quoted(field.name)),
        at: field.place)
      return nil
    }
    let filled = fill(field.value)
    var wanted: [String] = []
    for element in filled.list ?? [filled] {
      switch element.content {
      case .text(let text): wanted.append(text)
      case .nothing: wanted.append("")
      case .list, .record:
        note(
          .wrong("'\(field.name)'", wanted: "text or a list of texts", found: element.found),
          at: element.place)
        return nil
      }
    }
    checkRows(names, wanted, of: field)
    return Condition(lookUp: Value(.text("${\(field.name)}"), at: field.place), wanted: wanted)
  }

  /// A condition on the matrix that no row can fulfil is a slip in the pipeline that has the matrix; in a file
  /// that many pipelines include it is not.
  private mutating func checkRows(_ names: [String], _ wanted: [String], of field: Field) {
    guard names.count == 2 || names.count == 3, names[0] == "matrix", field.place.file == pipeline.file,
      let axis = pipeline.matrix.axes.first(where: { $0.name == names[1] })
    else { return }
    let known = axis.rows.compactMap { names.count == 2 ? $0.id : $0.field(names[2])?.text }
    for text in wanted where !known.contains(text) && !known.isEmpty {
      note(.conditionNeverHolds(field.name, text, known: known), at: field.value.place)
    }
  }
}
