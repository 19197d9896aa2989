// Where the recorded runs of the reference stand, and files that a test writes.

import Glibc
import ReelJSON
import Testing

enum Fixtures {
  /// The folder of the repository, found from this file.
  static let root = folder(#filePath, up: 3)
  static let parity = root + "/Tests/Fixtures/parity"
  static let embedded = root + "/Sources/Models/embedded"

  /// The recorded runs: their folder names, each with the directory of its model.
  static let cases: [(name: String, model: String)] = [
    ("t2v-unipc", parity + "/t2v-unipc/model"), ("t2v-euler", parity + "/t2v-euler/model"),
    ("i2v-first-last", parity + "/i2v-first-last/model"), ("embedded-keyframe", embedded),
    ("embedded-first-last", embedded),
  ]

  static func caseFile(_ name: String) -> String { "\(parity)/\(name)/case.safetensors" }

  private static func folder(_ path: String, up levels: Int) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast(levels).joined(separator: "/")
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"), "\(path) must be readable")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes
  }

  static func json(_ path: String) throws -> JSON {
    try bytes(path).withUnsafeBytes { try JSON(parsing: $0) }
  }
}
