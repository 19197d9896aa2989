// Finding the files that a node's parameters name.

import ReelStage

/// Walks declarations, checked values and the text they come from side by side.
struct FileWalk {
  /// The pipeline file, from whose folder a default's path starts.
  let home: String
  /// Where a default is reported.
  let place: Place
  private(set) var files: [FileReference] = []

  init(home: String, place: Place) {
    self.home = home
    self.place = place
  }

  mutating func visit(_ type: ParameterType, _ value: JSON, written: Value?, at path: ParameterPath) {
    switch (type, value) {
    case (.file, .string(let text)): add(.file, text, written: written, at: path)
    case (.model(let patterns, let orFile), .string(let text)):
      add(.model(reading: patterns, orFile: orFile), text, written: written, at: path)
    case (.list(let element, _), .array(let values)):
      for (index, value) in values.enumerated() {
        visit(element, value, written: written?.list?[index], at: path.appending(.index(index)))
      }
    case (.record(let fields), .object(let members)):
      for field in fields {
        guard let value = members[field.name] else { continue }
        visit(field.type, value, written: written?[field.name], at: path.appending(.name(field.name)))
      }
    default: break
    }
  }

  private mutating func add(
    _ kind: FileReference.Kind, _ text: String, written: Value?, at parameter: ParameterPath
  ) {
    // No path at all is refused with the parameter.
    guard !text.isEmpty else { return }
    let isName = kind != .file && !text.contains("/")
    var path = isName ? text : ReelPlanning.path(text, from: written?.home ?? home)
    // Without its slash `./canal` would be a name from here on.
    if !isName, kind != .file, !path.contains("/") { path = "./" + path }
    files.append(FileReference(parameter: parameter, kind: kind, path: path, place: written?.place ?? place))
  }
}

extension Manifest {
  /// The name of the parameter that a file stands for by default, where it is a default that need not be found.
  func nameOfDefault(_ file: FileReference, given: JSON) -> String? {
    parameters.first { parameter in
      parameter.isDefaultIfFound && file.parameter == ParameterPath([.name(parameter.name)])
        && (given[parameter.name] ?? .null) == .null
    }?.name
  }
}

extension JSON {
  /// The object without a member.
  func removing(_ name: String) -> JSON { .object((object ?? [:]).filter { $0.key != name }) }
}

extension Value {
  /// The value at a path of names and indices.
  func value(at path: ParameterPath) -> Value? {
    path.steps.reduce(self) { value, step in
      switch step {
      case .name(let name): value?[name]
      case .index(let index): value?.list.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      }
    }
  }

  /// The field at a path that ends in a name.
  func field(at path: ParameterPath) -> Field? {
    guard case .name(let name) = path.steps.last else { return nil }
    return value(at: ParameterPath(path.steps.dropLast()))?.record?.first { $0.name == name }
  }
}
