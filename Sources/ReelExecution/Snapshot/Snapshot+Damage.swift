// Checking snapshots whole, also what builds seldom read: so that a damaged one is named, not only passed over.

import ReelTensor
import ReelPlanning

extension Snapshot {
  /// The files in a folder of snapshots that are not what was written.
  static func damagedFiles(in folder: String) -> [String] {
    let names = (try? FileSystem.names(in: folder)) ?? []
    // One that begins with a point is being written.
    return names.sorted().filter { !$0.hasPrefix(".") }.map { "\(folder)/\($0)" }.filter { !isWhole($0) }
  }

  /// Of the files that a build with this request looks at, those that are not what was written.
  static func damagedFiles(of request: SnapshotRequest) -> [String] {
    [request.path, request.patchPath, request.latestPath].filter { FileSystem.exists($0) && !isWhole($0) }
  }

  private static func isWhole(_ path: String) -> Bool {
    guard let file = try? FileSystem.Descriptor(reading: path) else { return false }
    switch FileSystem.name(of: path) {
    case LatestRequest.fileName: return (try? LatestRequest(reading: path)) != nil
    case let name where name.hasSuffix(SnapshotRequest.patchSuffix): return SnapshotPatch.isWhole(file, path)
    default: return isWhole(file)
    }
  }

  private static func isWhole(_ file: borrowing FileSystem.Descriptor) -> Bool {
    guard Header.isWhole(file) else { return false }
    // Another version of this program may have written it otherwise.
    guard let header = Header(file) else { return true }
    guard header.front.read(file) != nil, header.graph.read(file) != nil,
      let blobs = header.blobs.read(file),
      let size = try? FileIdentity(descriptor: file.number, path: "").size,
      size == header.size,
      let rows = FileBytes(
        file, at: header.blobs.offset + header.blobs.count, count: header.nodeCount * NodeRow.byteCount)
    else { return false }
    do throws(UnreadableBytes) {
      var lists = ByteReader(blobs.bytes)
      _ = try lists.text()
      _ = try lists.number()
      for _ in 0..<256 where try Stretch(&lists).read(file, after: header.bodyStart) == nil { return false }
      var reader = ByteReader(rows.bytes)
      for _ in 0..<header.nodeCount
      where try NodeRow(&reader).details.read(file, after: header.bodyStart) == nil { return false }
    } catch {
      return false
    }
    return true
  }
}

extension Snapshot.Header {
  /// Whether a file starts with a header of any format, as it was written.
  fileprivate static func isWhole(_ file: borrowing FileSystem.Descriptor) -> Bool {
    guard let found = FileBytes(file, at: 0, count: byteCount + 8) else { return false }
    var sum = ByteReader(UnsafeRawBufferPointer(rebasing: found.bytes[byteCount...]))
    return (try? sum.number()).map { UInt64(UInt(bitPattern: $0)) }
      == ReelTensor.checksum(UnsafeRawBufferPointer(rebasing: found.bytes[..<byteCount]))
  }
}

extension SnapshotPatch {
  fileprivate static func isWhole(_ file: borrowing FileSystem.Descriptor, _ path: String) -> Bool {
    guard let size = try? FileIdentity(descriptor: file.number, path: path).size,
      let found = FileBytes(file, at: 0, count: size)
    else { return false }
    var reader = ByteReader(found.bytes)
    return (try? body(&reader)) != nil
  }
}
