// Where this program stands, and what belongs to it.

import Glibc
import ReelJSON

/// The files that come with `reel`.
public enum Installation {
  static let coreFile = "libReelCore.so"

  /// The folder of the running program.
  public static let folder =
    FileSystem.realPath("/proc/self/exe").flatMap { FileSystem.parent(of: $0) } ?? "."

  /// The program that loads plugins.
  public static var worker: String { FileSystem.path("reel-worker", in: folder) }

  /// The core library that this process has loaded, and that a worker loads too.
  public static let core: String? = {
    // What describes a type of the core lies in the core.
    let description = unsafeBitCast(JSON.self as Any.Type, to: UnsafeRawPointer.self)
    guard let path = OperatingSystem.library(of: description), FileSystem.name(of: path) == coreFile else {
      return nil
    }
    return FileSystem.realPath(path)
  }()

  /// The path of a library that this process has loaded.
  static func library(_ name: String) -> String? {
    guard let maps = try? FileSystem.read("/proc/self/maps") else { return nil }
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n")
    where line.hasSuffix("/" + name) {
      return line.firstIndex(of: "/").map { String(line[$0...]) }
    }
    return nil
  }
}
