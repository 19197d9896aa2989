// What differs between two actions' explanations: why one is not the other.

import ReelStage

/// One difference between two actions.
public enum KeyChange: Hashable, Sendable, CustomStringConvertible {
  /// Keys are made another way than they were.
  case format
  case stage(from: String, to: String)
  case version(from: Int, to: Int)
  case plugin
  case core
  /// It is another run of frames, or its frames stand elsewhere in its inputs.
  case span
  /// A value that was given, dropped or changed.
  case parameter(String, from: JSON?, to: JSON?)
  /// A file with the same path holds something else.
  case file(String)
  /// A parameter names another file, which holds something else.
  case otherFile(parameter: String, from: String, to: String)
  /// A model of the same name holds something else: the paths of the files, below the model's directory.
  case model(String, files: [String])
  case connected(port: String)
  case disconnected(port: String)
  /// Other parts come in: the shots that are concerned, if the parts are named by shot.
  case input(port: String, shots: [String])
  case partCount(port: String, from: Int, to: Int)

  public var description: String {
    switch self {
    case .format: "the format of keys changed"
    case .stage(let old, let new): "stage changed from '\(old)' to '\(new)'"
    case .version(let old, let new): "stage version changed from \(old) to \(new)"
    case .plugin: "plugin changed"
    case .core: "core library changed"
    case .span: "its run of frames changed"
    case .parameter(let path, let old, let new): Self.change(of: "parameter '\(path)'", from: old, to: new)
    case .file(let path): "file '\(path)' changed"
    case .otherFile(let parameter, let old, let new):
      "parameter '\(parameter)' changed from '\(old)' to '\(new)'"
    case .model(let name, let files): "model '\(name)' changed (\(Self.few(files)))"
    case .connected(let port): "input '\(port)' was connected"
    case .disconnected(let port): "input '\(port)' was disconnected"
    case .input(let port, let shots):
      "input '\(port)' changed"
        + (shots.isEmpty ? "" : shots.count == 1 ? " (shot \(shots[0]))" : " (shots \(Self.few(shots)))")
    case .partCount(let port, let old, let new): "input '\(port)' has \(new) parts, \(old) before"
    }
  }

  /// How something with a value changed, in one line.
  public static func change(of what: String, from old: JSON?, to new: JSON?) -> String {
    switch (old, new) {
    case (let old?, let new?): "\(what) changed from \(texts(old, new).0) to \(texts(old, new).1)"
    case (nil, let new?): "\(what) was added: \(texts(new, new).0)"
    case (let old?, nil): "\(what) was removed: \(texts(old, old).0)"
    case (nil, nil): "\(what) changed"
    }
  }

  /// Every value that differs between two values: its path, and what it is in each.
  public static func differences(
    from old: JSON, to new: JSON
  ) -> [(path: String, from: JSON?, to: JSON?)] {
    var comparison = ParameterComparison(nil, nil)
    comparison.compare(old, new, at: ParameterPath())
    return comparison.changes.compactMap { change in
      if case .parameter(let path, let old, let new) = change { (path, old, new) } else { nil }
    }
  }

  /// The first four names.
  private static func few(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }

  /// Both values for people; of long texts the part where they begin to differ.
  private static func texts(_ old: JSON, _ new: JSON) -> (String, String) {
    guard let before = old.string, let after = new.string else {
      return (shortened(old), shortened(new))
    }
    let (a, b) = (Array(before.unicodeScalars), Array(after.unicodeScalars))
    let same = zip(a, b).prefix { $0 == $1 }.count
    // A little of what is the same leads in.
    let start = max(a.count, b.count) <= 72 || same <= 20 ? 0 : same - 20
    func window(_ scalars: [Unicode.Scalar]) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[min(start, scalars.count)...].prefix(72))
      let isCut = start + 72 < scalars.count
      return "'" + (start > 0 ? "…" : "") + String(view).replacing("\n", with: "\\n") + (isCut ? "…" : "")
        + "'"
    }
    return (window(a), window(b))
  }

  private static func shortened(_ value: JSON) -> String {
    let text = value.string.map { "'\($0)'" } ?? value.number?.shortText ?? value.text
    return text.count <= 72 ? text : text.prefix(71) + "…"
  }
}

extension KeyRecord {
  /// What must be changed to get from one explanation to the other, in the order of the key's fields; empty
  /// only for explanations of the same key.
  ///
  /// An explanation that comes from a damaged store is no error: what it lacks counts as changed.
  public static func changes(from old: JSON, to new: JSON) -> [KeyChange] {
    var changes: [KeyChange] = []
    if old["format"] != new["format"] { changes.append(.format) }
    if old["stage"] != new["stage"] {
      changes.append(.stage(from: old["stage"]?.string ?? "", to: new["stage"]?.string ?? ""))
    }
    if old["version"] != new["version"] {
      changes.append(.version(from: old["version"]?.integer ?? 0, to: new["version"]?.integer ?? 0))
    }
    if old["plugin"] != new["plugin"] { changes.append(.plugin) }
    if old["core"] != new["core"] { changes.append(.core) }
    if old["span"] != new["span"] || old["join"] != new["join"] { changes.append(.span) }
    var comparison = ParameterComparison(old["labels"], new["labels"])
    comparison.compare(old["parameters"], new["parameters"], at: ParameterPath())
    // Two layers with one logo: its file changed once.
    var told: Set<KeyChange> = []
    return changes + comparison.changes.filter { told.insert($0).inserted } + inputChanges(from: old, to: new)
  }

  /// The parts of a port that differ: compared with the part of that name, else with the one in that place.
  public static func changedParts(
    of port: String, from old: JSON, to new: JSON
  ) -> [(shot: String?, from: Digest, to: Digest)] {
    func parts(_ explanation: JSON) -> [(name: String?, digest: Digest)] {
      let names = explanation["labels"]?["shots"]?[port]?.array ?? []
      return (explanation["inputs"]?[port]?.array ?? []).enumerated().compactMap { index, part in
        let name = names.indices.contains(index) ? names[index].string : nil
        return part.string.flatMap { Digest($0) }.map { (name, $0) }
      }
    }
    let before = parts(old)
    return parts(new).enumerated().compactMap { index, part in
      let named = part.name.flatMap { name in before.first { $0.name == name } }
      guard let earlier = named ?? before.dropFirst(index).first, earlier.digest != part.digest else {
        return nil
      }
      return (part.name, earlier.digest, part.digest)
    }
  }

  private static func inputChanges(from old: JSON, to new: JSON) -> [KeyChange] {
    let (before, after) = (old["inputs"]?.object ?? [:], new["inputs"]?.object ?? [:])
    return Set(before.keys).union(after.keys).sorted().compactMap { port in
      switch (before[port]?.array, after[port]?.array) {
      case (nil, nil): return nil
      case (nil, _): return .connected(port: port)
      case (_, nil): return .disconnected(port: port)
      case (let old?, let parts?):
        guard old != parts else { return nil }
        guard old.count == parts.count else {
          return .partCount(port: port, from: old.count, to: parts.count)
        }
        let names = new["labels"]?["shots"]?[port]?.array ?? []
        let changed = parts.indices.filter { old[$0] != parts[$0] }
        return .input(
          port: port, shots: changed.compactMap { names.indices.contains($0) ? names[$0].string : nil })
      }
    }
  }
}

/// Compares two nodes' parameters value by value.
private struct ParameterComparison {
  /// By the path of a file parameter, the file's path or the model's name.
  let oldFiles: [String: JSON]
  let newFiles: [String: JSON]
  /// By list of which the keys have only some elements, the indices of these in the pipeline.
  let oldPlaces: [String: JSON]
  let newPlaces: [String: JSON]
  private(set) var changes: [KeyChange] = []

  init(_ oldLabels: JSON?, _ newLabels: JSON?) {
    (oldFiles, newFiles) = (oldLabels?["files"]?.object ?? [:], newLabels?["files"]?.object ?? [:])
    (oldPlaces, newPlaces) = (oldLabels?["places"]?.object ?? [:], newLabels?["places"]?.object ?? [:])
  }

  mutating func compare(_ old: JSON?, _ new: JSON?, at path: ParameterPath) {
    guard old != new else { return }
    let name = path.description
    let (oldFile, newFile) = (oldFiles[name]?.string, newFiles[name]?.string)
    if old != nil, new != nil, let oldFile, let newFile {
      return compareFiles(old, new, named: oldFile, newFile, at: name)
    }
    switch (old, new) {
    case (.object(let before)?, .object(let after)?):
      for key in Set(before.keys).union(after.keys).sorted() {
        compare(before[key], after[key], at: path.appending(.name(key)))
      }
    case (.array(let before)?, .array(let after)?):
      let old = Self.elements(before, at: oldPlaces[name])
      let new = Self.elements(after, at: newPlaces[name])
      for index in Set(old.keys).union(new.keys).sorted() {
        compare(old[index], new[index], at: path.appending(.index(index)))
      }
    default:
      // A digest tells people nothing: the file's name stands for it.
      changes.append(
        .parameter(
          name, from: oldFile.map { .string($0) } ?? old, to: newFile.map { .string($0) } ?? new))
    }
  }

  /// By index in the pipeline, the elements of a list.
  private static func elements(_ list: [JSON], at places: JSON?) -> [Int: JSON] {
    let places = places?.array?.compactMap(\.integer) ?? Array(list.indices)
    return Dictionary(zip(places, list), uniquingKeysWith: { first, _ in first })
  }

  private mutating func compareFiles(
    _ old: JSON?, _ new: JSON?, named oldFile: String, _ newFile: String, at name: String
  ) {
    guard oldFile == newFile else {
      return changes.append(.otherFile(parameter: name, from: oldFile, to: newFile))
    }
    guard let before = old?["files"]?.object, let after = new?["files"]?.object else {
      return changes.append(.file(newFile))
    }
    let differing = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    changes.append(.model(newFile, files: differing.sorted()))
  }
}
