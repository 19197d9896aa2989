// Where the recorded runs of the reference stand, and files that a test writes.

import Glibc
import ReelJSON
import Testing

enum Fixtures {
  /// The folder of the repository, found from this file.
  static let root = folder(#filePath, up: 3)
  static let parity = root + "/Tests/Fixtures/parity"
  static let embedded = root + "/Sources/Models/embedded"

  /// The folders of recorded runs: those of this repository, and of a folder that `REEL_PARITY` names.
  static let cases: [String] =
    ([parity] + (getenv("REEL_PARITY").map { [String(cString: $0)] } ?? []))
    .flatMap { folder in
      Scratch.names(in: folder).map { "\(folder)/\($0)" }.filter {
        access($0 + "/case.safetensors", F_OK) == 0
      }
    }

  /// The directory of a recorded run's model: beside it, or the embedded model that its folder came with, or ours.
  static func model(ofCase folder: String) -> String {
    [folder + "/model", folder + "/../../models/embedded"].first { access($0, F_OK) == 0 } ?? embedded
  }

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
