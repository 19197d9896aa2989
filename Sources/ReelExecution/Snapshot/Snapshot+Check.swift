// Holding a snapshot against the disk: whether anything that it stands on has changed.

import Glibc
import ReelPlanning

extension Snapshot {
  /// What has changed since the last build.
  enum Check {
    case nothing
    /// Only files that nodes read, and outputs.
    case some(Changes)
    /// More than a snapshot can tell.
    case everything
  }

  /// By their places in the snapshot.
  struct Changes {
    var contents: [Int] = []
    /// With the node of which each is made.
    var outputs: [Int: Int] = [:]
    /// Folders of blobs that changed, in which everything is that must be there.
    var folders: [Int: WatchState] = [:]
  }

  /// Looks once at every file that the snapshot stands on.
  func check() -> Check {
    guard FileIdentity(at: request.indexPath) != nil else { return .everything }
    var reader = ByteReader(front.bytes)
    var changes = Changes()
    do throws(UnreadableBytes) {
      _ = try reader.stretch()
      guard try isEnvironmentUnchanged(&reader), try areFilesUnchanged(&reader, &changes) else {
        return .everything
      }
      try noteOutputs(&reader, &changes)
      if !changes.folders.isEmpty {
        guard try hasBlobs(in: Set(changes.folders.keys)) else { return .everything }
        patch.watches.merge(changes.folders) { _, new in new }
      }
    } catch {
      return .everything
    }
    if changes.contents.isEmpty, changes.outputs.isEmpty {
      // What was looked for need not be looked for again. Where it cannot be written down, it will be.
      if !changes.folders.isEmpty { try? patch.write(to: request.patchPath, of: header) }
      return .nothing
    }
    return .some(changes)
  }

  private func isEnvironmentUnchanged(_ reader: inout ByteReader) throws(UnreadableBytes) -> Bool {
    for _ in 0..<(try reader.count()) {
      let value = getenv(try reader.path())
      guard try reader.flag() else {
        if value != nil { return false }
        continue
      }
      let wanted = try reader.path()
      guard let value, strcmp(value, wanted) == 0 else { return false }
    }
    return true
  }

  private func areFilesUnchanged(
    _ reader: inout ByteReader, _ changes: inout Changes
  ) throws(UnreadableBytes) -> Bool {
    for index in 0..<(try reader.count()) {
      guard let kind = WatchKind(rawValue: try reader.number()) else { throw UnreadableBytes() }
      var state = try WatchState(&reader)
      let path = try reader.path()
      if let changed = patch.watches[index] { state = changed }
      if kind == .absent {
        // A link that leads nowhere is there too.
        guard FileIdentity(at: path, follows: false) == nil else { return false }
        continue
      }
      let now = FileIdentity(at: path)
      if now == state.identity, state.isSettled { continue }
      switch kind {
      case .text, .fixed, .absent: return false
      case .content:
        guard let now, now.isRegularFile, access(path, R_OK) == 0 else { return false }
        changes.contents.append(index)
      case .blobs:
        changes.folders[index] = WatchState(asItStands: now)
      }
    }
    return true
  }

  private func noteOutputs(_ reader: inout ByteReader, _ changes: inout Changes) throws(UnreadableBytes) {
    for index in 0..<(try reader.count()) {
      var state = try OutputState(&reader)
      let target = try reader.path()
      _ = try reader.path()
      let node = try reader.number()
      if let changed = patch.outputs[index] { state = changed }
      let isUnchanged =
        switch state {
        case .file(let identity): FileIdentity(at: target, follows: false) == identity
        case .folder(let identity): OutputFile.identity(of: String(cString: target)) == identity
        case .unknown: false
        }
      if !isUnchanged { changes.outputs[index] = node }
    }
  }

  /// Whether every blob that the snapshot knows to be in these folders is there. That they have their sizes was
  /// seen when the snapshot was written: a change of that would not show in a folder's times either.
  func hasBlobs(in watches: Set<Int>) throws(UnreadableBytes) -> Bool {
    guard let found = header.blobs.read(file) else { return false }
    var reader = ByteReader(found.bytes)
    let folder = try reader.text()
    let blobs = Blobs(folder: FileSystem.realPath(folder) ?? folder)
    let firstWatch = try reader.number()
    var listed: [Int: Set<Digest>] = [:]
    for byte in 0..<256 {
      let stretch = try Stretch(&reader)
      guard watches.contains(firstWatch + byte) else { continue }
      let present = blobs.listed(firstByte: byte)
      listed[byte] = present
      guard let list = stretch.read(file, after: header.bodyStart) else { return false }
      var entries = ByteReader(list.bytes)
      while !entries.rest.isEmpty {
        guard present.contains(try entries.digest()) else { return false }
      }
    }
    return try patch.changedResults().values.joined().flatMap(\.parts).allSatisfy {
      listed[$0.digest.firstByte]?.contains($0.digest) ?? true
    }
  }
}

extension Digest {
  /// The one that names the blob's folder.
  var firstByte: Int { Int(words[0] >> 56) }
}
