// Whose actions the index tells of: the request of the last build.

import ReelPlanning

/// The file `latest` among the snapshots: the name of a request, and a checksum.
struct LatestRequest {
  static let fileName = "latest"
  let name: String

  init(name: String) { self.name = name }

  /// - Throws: for a file that is not there, or not what was written.
  init(reading path: String) throws {
    let text = String(decoding: try FileSystem.read(path, limit: 100), as: UTF8.self)
    name = String(text.prefix { $0 != " " })
    guard text == self.text else { throw UnreadableBytes() }
  }

  var text: String { "\(name) \(Digest(of: name))" }
}
