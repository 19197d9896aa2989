// What builds of single nodes have changed since a snapshot was written: small, and written at every one.

import ReelTensor
import ReelPlanning
import ReelStage

/// The changes to a snapshot. They are written as one small file, since the snapshot itself may be of megabytes.
struct SnapshotPatch {
  /// By their places in the snapshot.
  var watches: [Int: WatchState] = [:]
  var outputs: [Int: OutputState] = [:]
  /// Of the whole snapshot.
  var actionCount: Int
  /// The results of nodes as they were written; read only where one is asked for.
  private var written: [UInt8] = []
  private var results: [Int: [StoredResult]]?

  init(actionCount: Int) { self.actionCount = actionCount }

  /// Reads a patch; `nil` where it is one of another snapshot.
  ///
  /// - Throws: where it is not what was written.
  init?(_ path: String, of snapshot: Snapshot.Header) throws {
    let file = try FileSystem.Descriptor(reading: path)
    guard
      let found = FileBytes(
        file, at: 0, count: try FileIdentity(descriptor: file.number, path: path).size)
    else { throw UnreadableBytes() }
    var whole = ByteReader(found.bytes)
    var reader = try Self.body(&whole)
    guard try reader.number() == Int(bitPattern: UInt(snapshot.checksum)) else { return nil }
    actionCount = try reader.number()
    for _ in 0..<(try reader.count()) { watches[try reader.number()] = try WatchState(&reader) }
    for _ in 0..<(try reader.count()) { outputs[try reader.number()] = try OutputState(&reader) }
    written = Array(reader.rest)
  }

  /// All that comes after a patch's checksum, if it is what was written.
  static func body(_ reader: inout ByteReader) throws(UnreadableBytes) -> ByteReader {
    let sum = UInt64(UInt(bitPattern: try reader.number()))
    guard sum == checksum(reader.rest) else { throw UnreadableBytes() }
    return ByteReader(reader.rest)
  }

  /// Writes the patch in the place of the last one.
  mutating func write(to path: String, of snapshot: Snapshot.Header) throws {
    var body = ByteWriter()
    body.append(snapshot.checksum)
    body.append(actionCount)
    body.append(watches.sorted { $0.key < $1.key }) {
      $0.append($1.key)
      $1.value.write(to: &$0)
    }
    body.append(outputs.sorted { $0.key < $1.key }) {
      $0.append($1.key)
      $1.value.write(to: &$0)
    }
    if let results {
      var writer = ByteWriter()
      writer.append(results.sorted { $0.key < $1.key }) {
        $0.append($1.key)
        $0.append($1.value) { $1.write(to: &$0) }
      }
      written = writer.bytes
    }
    body.append(raw: written)
    var head = ByteWriter()
    head.append(body.bytes.withUnsafeBytes { checksum($0) })
    try FileSystem.replace(path, with: head.bytes + body.bytes)
  }

  /// By node, the results that took the place of those in the snapshot.
  mutating func changedResults() throws(UnreadableBytes) -> [Int: [StoredResult]] {
    if let results { return results }
    let found = written.withUnsafeBytes { bytes in
      Result { () throws(UnreadableBytes) in
        var found: [Int: [StoredResult]] = [:]
        if bytes.isEmpty { return found }
        var reader = ByteReader(bytes)
        for _ in 0..<(try reader.count()) {
          found[try reader.number()] = try reader.list(StoredResult.init)
        }
        return found
      }
    }
    results = try found.get()
    return try found.get()
  }

  mutating func setResults(_ changed: [StoredResult], of node: Int) throws(UnreadableBytes) {
    _ = try changedResults()
    results?[node] = changed
  }
}

extension WatchState {
  init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    isSettled = try reader.flag()
    identity = try reader.optionalIdentity()
  }

  func write(to writer: inout ByteWriter) {
    writer.append(isSettled)
    writer.append(optional: identity)
  }
}

extension OutputState {
  init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    let identity = try reader.optionalIdentity()
    let folder = try reader.optionalText()
    self = identity.map { .file($0) } ?? folder.map { .folder($0) } ?? .unknown
  }

  func write(to writer: inout ByteWriter) {
    var (identity, folder): (FileIdentity?, String?)
    switch self {
    case .file(let file): identity = file
    case .folder(let text): folder = text
    case .unknown: break
    }
    writer.append(optional: identity)
    writer.append(optional: folder)
  }
}

extension StoredResult {
  init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    shot = try reader.optionalText()
    label = try reader.optionalText()
    key = try reader.digest()
    parts = try reader.list(StoredPart.init)
    isIntermediate = try reader.flag()
  }

  func write(to writer: inout ByteWriter) {
    writer.append(optional: shot)
    writer.append(optional: label)
    writer.append(key)
    writer.append(parts) { $1.write(to: &$0) }
    writer.append(isIntermediate)
  }
}

extension StoredPart {
  fileprivate init(_ reader: inout ByteReader) throws(UnreadableBytes) {
    let (port, shot) = (try reader.text(), try reader.optionalText())
    let (digest, size) = (try reader.digest(), try reader.number())
    var length: FilmLength?
    if try reader.flag() {
      let numbers = (try reader.number(), try reader.number(), try reader.number())
      guard numbers.0 >= 0, numbers.1 > 0, numbers.2 > 0 else { throw UnreadableBytes() }
      length = FilmLength(frames: numbers.0, rate: FrameRate(numbers.1, numbers.2))
    }
    self.init(port: port, shot: shot, digest: digest, size: size, length: length)
  }

  fileprivate func write(to writer: inout ByteWriter) {
    writer.append(port)
    writer.append(optional: shot)
    writer.append(digest)
    writer.append(size)
    writer.append(length != nil)
    guard let length else { return }
    writer.append(length.frames)
    writer.append(length.rate.numerator)
    writer.append(length.rate.denominator)
  }
}
