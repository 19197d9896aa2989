// A folder of one test, in which it runs the `reel` that was built beside it.

import Glibc
import ReelJSON
import Testing

/// An empty temporary folder, gone with the test.
final class Workspace {
  let path: String
  private let isOwner: Bool
  /// Folders in which `reel` looks for plugins first.
  var plugins: [String] = []

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/reel-test-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    // As the program itself will say it, without links.
    let real = try #require(realpath(made, nil))
    defer { free(real) }
    path = String(cString: real)
    isOwner = true
  }

  /// A folder that belongs to another workspace.
  init(sharing path: String) {
    self.path = path
    isOwner = false
  }

  deinit { if isOwner { removeTree(path) } }

  /// Writes a file, and the folders above it.
  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    for (index, character) in name.enumerated() where character == "/" {
      mkdir("\(path)/\(name.prefix(index))", 0o755)
    }
    let file = try #require(fopen("\(path)/\(name)", "w"), "cannot write \(name)")
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  /// What tells whether a file was written again: its inode and time.
  func identity(of name: String) throws -> [Int] {
    var status = stat()
    try #require(stat("\(path)/\(name)", &status) == 0)
    return [Int(status.st_ino), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }

  func makeExecutable(_ name: String) throws { try #require(chmod("\(path)/\(name)", 0o755) == 0) }

  /// Changes the one place where `old` stands in a file.
  func edit(_ name: String, _ old: String, to new: String) throws {
    let text = String(decoding: try bytes(name), as: UTF8.self)
    try #require(text.ranges(of: old).count == 1, "'\(old)' stands not once in \(name)")
    try write(name, text.replacing(old, with: new))
  }

  func bytes(_ name: String) throws -> [UInt8] { try contents(of: "\(path)/\(name)") }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func exists(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

  /// Runs `reel` in the folder to its end.
  func reel(_ arguments: String..., environment: [String: String] = [:]) throws -> Finished {
    try start(arguments, environment: environment).wait()
  }

  /// Starts `reel` in the folder.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
    var environment = environment
    if !plugins.isEmpty { environment["REEL_PLUGINS"] = plugins.joined(separator: ":") }
    return try Running(Built.reel, arguments, in: path, environment: environment)
  }
}

/// Where the build put what the tests run.
enum Built {
  /// The folder of the test program itself.
  static let folder: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
  }()

  static let reel = folder + "/reel"
  static let worker = folder + "/reel-worker"

  /// The project's own folder: three above `Tests/EndToEnd/Kit/Workspace.swift`.
  static let project: String = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
}

/// A file or folder that is not there.
struct Unreadable: Error { let path: String }

/// The bytes of a file.
func contents(of path: String) throws -> [UInt8] {
  guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// The names in a folder, ascending.
func names(in folder: String) throws -> [String] {
  guard let stream = opendir(folder) else { throw Unreadable(path: folder) }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Removes a folder and all that is in it; follows no link.
func removeTree(_ path: String) {
  if let stream = opendir(path) {
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != ".." else { continue }
      let child = "\(path)/\(name)"
      var status = stat()
      if lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        removeTree(child)
      } else {
        unlink(child)
      }
    }
    closedir(stream)
  }
  rmdir(path)
}
