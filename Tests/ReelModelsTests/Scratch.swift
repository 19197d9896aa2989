// Folders of a test's own: models with one file changed, small files.

import Glibc
import ReelJSON
import ReelTensor
import Testing

/// A folder that is removed with all that is in it when the test is done with it.
final class Scratch {
  let folder: String

  init() throws {
    var template = Array("/tmp/reel-models-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer {
      mkdtemp($0.baseAddress!).map { String(cString: $0) }
    }
    folder = try #require(made)
  }

  deinit { Self.remove(folder) }

  private static func remove(_ path: String) {
    for name in names(in: path) {
      let inner = path + "/" + name
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }

  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Writes a file below the folder and gives its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder + "/" + name
    unlink(path)
    let file = try #require(fopen(path, "w"), "\(path) must be writable")
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    return path
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}

/// A model's directory made of links to another's files, of which a test changes some.
struct ModelCopy {
  let scratch: Scratch
  var directory: String { scratch.folder }

  init(of source: String) throws {
    scratch = try Scratch()
    for name in Scratch.names(in: source) {
      let inner = Scratch.names(in: source + "/" + name)
      if inner.isEmpty {
        symlink(source + "/" + name, scratch.folder + "/" + name)
      } else {
        mkdir(scratch.folder + "/" + name, 0o755)
        for file in inner { symlink("\(source)/\(name)/\(file)", "\(scratch.folder)/\(name)/\(file)") }
      }
    }
  }

  func path(_ name: String) -> String { directory + "/" + name }
  func remove(_ name: String) { unlink(path(name)) }

  /// Changes the members of a JSON file.
  func edit(_ name: String, _ change: (inout [String: JSON]) -> Void) throws {
    var members = try #require(Fixtures.json(path(name)).object)
    change(&members)
    try scratch.write(name, JSON.object(members).text)
  }

  /// Changes the tensors of a safetensors file.
  func editTensors(_ name: String, _ change: (inout [String: Tensor]) -> Void) throws {
    var tensors = try Self.tensors(path(name))
    change(&tensors)
    try Self.write(tensors, to: path(name))
  }

  static func tensors(_ path: String) throws -> [String: Tensor] {
    let file = try SafetensorsFile(path: path)
    return try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try file.tensor(named: $0)) })
  }

  static func write(_ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String) throws {
    var writer = SafetensorsWriter(metadata: metadata)
    for (name, tensor) in tensors { writer[name] = tensor }
    unlink(path)
    try writer.write(to: path)
  }
}
