// Reading the matrix: axes from lists and feeds, `exclude` and `include`.

import ReelStage

extension PipelineReader {
  mutating func readMatrix() {
    for axis in axes {
      let rows = readRows(axis.value, as: "axis '\(axis.name)'") ?? []
      pipeline.matrix.axes.append(Axis(name: axis.name, place: axis.place, rows: rows))
    }
    pipeline.scope.axes = pipeline.matrix.axes
    if pipeline.matrix.axes.contains(where: \.rows.isEmpty) {
      pipeline.matrix.variants = []
    } else {
      multiply()
    }
    pipeline.scope.axes = pipeline.matrix.axes
  }

  /// The rows of an axis or the elements of a `foreach` list; `nil` where they cannot be read, which is
  /// noted.
  mutating func readRows(_ value: Value, as what: String) -> [Row]? {
    let filled = fill(value)
    let elements: [Value]?
    if let list = filled.list {
      elements = list
    } else if let source = filled["from"] {
      elements = readFeed(filled, from: source, as: what)
    } else {
      // What could not be filled in has been reported.
      if !filled.isNothing || value.isNothing {
        note(.wrong(what, wanted: "a list or {from: FILE}", found: filled.found), at: value.place)
      }
      return nil
    }
    guard let elements else { return nil }
    if elements.isEmpty { note(.noRows(what), at: value.place) }
    var first: [String: Place] = [:]
    var rows: [Row] = []
    for element in elements {
      guard let id = readID(of: element, as: what) else { continue }
      if let place = first.updateValue(id.place, forKey: id.text) {
        note(.duplicate("id", id.text, first: place), at: id.place)
        first[id.text] = place
      } else {
        rows.append(Row(id: id.text, place: id.place, value: element))
      }
    }
    return rows
  }

  /// A scalar is its own id; a record has one.
  private mutating func readID(of element: Value, as what: String) -> (text: String, place: Place)? {
    let id: Value
    switch element.content {
    case .text: id = element
    case .record:
      guard let field = element["id"] else {
        note(.rowWithoutID(what), at: element.place)
        return nil
      }
      id = field
    case .list, .nothing:
      note(
        .wrong("a row of \(what)", wanted: "text or a mapping with 'id'", found: element.found),
        at: element.place)
      return nil
    }
    guard let text = id.text, isIdentifier(text) else {
      note(.badID(found: id.found), at: id.place)
      return nil
    }
    return (text, id.place)
  }

  /// The product of the axes, without what `exclude` names, with what `include` adds.
  private mutating func multiply() {
    let axes = pipeline.matrix.axes
    var count = 1
    for axis in axes {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis.rows.count)
      guard !overflow, product <= Matrix.maximumVariants else {
        pipeline.matrix.variants = []
        return note(.tooManyVariants(limit: Matrix.maximumVariants), at: axis.place)
      }
      count = product
    }
    let excluded = exclusions.compactMap { readExclusion($0) }
    var variants: [Variant] = [Variant()]
    for axis in axes {
      variants = variants.flatMap { variant in
        axis.rows.map { Variant(variant.cells + [Variant.Cell(axis: axis.name, row: $0.id)]) }
      }
    }
    variants.removeAll { variant in excluded.contains { $0.allSatisfy { variant[$0.key] == $0.value } } }
    var known = Set(variants)
    for inclusion in inclusions {
      if let variant = readInclusion(inclusion), known.insert(variant).inserted { variants.append(variant) }
    }
    if variants.isEmpty, let first = exclusions.first { note(.everythingExcluded, at: first.place) }
    pipeline.matrix.variants = variants
  }

  /// By axis, the row that a variant to leave out has.
  private mutating func readExclusion(_ value: Value) -> [String: String]? {
    let what = "an entry of 'exclude'"
    guard let fields = record(fill(value), as: what) else { return nil }
    if fields.isEmpty {
      note(.wrong(what, wanted: "a row of at least one axis", found: value.found), at: value.place)
      return nil
    }
    var rows: [String: String] = [:]
    for field in fields {
      guard let axis = axis(field), let id = row(field.value, of: axis) else { return nil }
      rows[axis.name] = id
    }
    return rows
  }

  /// A variant to add: at each axis the id of a row, or a new row of this variant alone.
  private mutating func readInclusion(_ value: Value) -> Variant? {
    guard let fields = record(fill(value), as: "an entry of 'include'") else { return nil }
    var rows: [String: String] = [:]
    for field in fields {
      guard let axis = axis(field) else { return nil }
      if field.value.record != nil {
        guard let id = readID(of: field.value, as: "axis '\(axis.name)'") else { return nil }
        if let first = axis.rows.first(where: { $0.id == id.text }) {
          note(.duplicate("id", id.text, first: first.place), at: id.place)
          return nil
        }
        let index = pipeline.matrix.axes.firstIndex { $0.name == axis.name }!
        pipeline.matrix.axes[index].rows.append(Row(id: id.text, place: id.place, value: field.value))
        rows[axis.name] = id.text
      } else {
        guard let id = row(field.value, of: axis) else { return nil }
        rows[axis.name] = id
      }
    }
    for axis in pipeline.matrix.axes where rows[axis.name] == nil {
      note(.inclusionWithoutAxis(axis.name), at: value.place)
      return nil
    }
    return Variant(pipeline.matrix.axes.map { Variant.Cell(axis: $0.name, row: rows[$0.name]!) })
  }

  private mutating func axis(_ field: Field) -> Axis? {
    if let axis = pipeline.matrix.axes.first(where: { $0.name == field.name }) { return axis }
    note(.unknownAxis(field.name, known: pipeline.matrix.axes.map(\.name)), at: field.place)
    return nil
  }

  private mutating func row(_ value: Value, of axis: Axis) -> String? {
    if let text = value.text, axis.rows.contains(where: { $0.id == text }) { return text }
    note(
      .unknownRow(value.found, of: axis.name, known: axis.rows.map(\.id), meant: value.text), at: value.place)
    return nil
  }
}
