// A folder for one test, gone when the test lets go of it.

import Glibc

/// A fresh folder below the system's temporary one, removed with all that is in it.
public final class TemporaryFolder {
  public let path: String

  public init() {
    var template = Array("/tmp/reel-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      fatalError("no temporary folder: \(String(cString: strerror(errno)))")
    }
    path = String(cString: made)
  }

  deinit { Self.removeAll(path) }

  /// Removes a file, or a folder with all that is in it; a link goes, not what it leads to.
  private static func removeAll(_ path: String) {
    if unlink(path) == 0 { return }
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { removeAll("\(path)/\(name)") }
      }
      closedir(folder)
    }
    rmdir(path)
  }

  /// Makes a folder; its path.
  public func makeFolder(_ name: String) -> String {
    let path = "\(path)/\(name)"
    guard mkdir(path, 0o777) == 0 else { fatalError("cannot make \(path)") }
    return path
  }

  /// Writes a file; its path.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) -> String {
    let path = "\(path)/\(name)"
    guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
    defer { fclose(file) }
    let bytes = Array(bytes)
    fwrite(bytes, 1, bytes.count, file)
    return path
  }

  @discardableResult
  public func write(_ text: String, to name: String) -> String { write(text.utf8, to: name) }
}

/// All bytes of a file.
public func readBytes(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { fatalError("cannot read \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
  return bytes
}
