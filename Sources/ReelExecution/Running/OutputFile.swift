// Outputs: the files that the user asked for, written beside the pipeline from the store.

import Glibc
import ReelPlanning
import ReelStage

/// An output to be written, with the artifacts that it is made of.
package struct OutputFile: Sendable {
  /// As the pipeline names it.
  let path: String
  /// Where it is written.
  let target: String
  let type: PortType
  let parts: [Part]
  let blobs: Blobs

  package init(path: String, target: String, type: PortType, parts: [Part], blobs: Blobs) {
    self.path = path
    self.target = target
    self.type = type
    self.parts = parts
    self.blobs = blobs
  }

  package enum Failure: Error {
    case damaged(Digest)
    case file(FileError)
    /// What is in the artifact cannot become this output.
    case unusable(String)
  }

  /// What the output is made of, in one text: equal texts mean equal outputs.
  package var content: String {
    let parts = parts.map { "\($0.shot ?? "")\u{0}\($0.digest)" }
    return "\(type.rawValue) \(Digest(of: parts.joined(separator: "\n")))"
  }

  /// The state of what stands at the target; `nil` where nothing is. It changes when a file there does.
  package var identity: String? { Self.identity(of: target) }

  static func identity(of path: String) -> String? {
    guard let file = try? FileIdentity(notFollowing: path) else { return nil }
    if !file.isFolder { return identity(file) }
    guard let names = try? FileSystem.names(in: path) else { return nil }
    let files = names.map { "\($0)\u{0}\(identity(of: path + "/" + $0) ?? "")" }
    return "\(Digest(of: files.joined(separator: "\n")))"
  }

  static func identity(_ file: FileIdentity) -> String {
    "\(file.device) \(file.inode) \(file.size) \(file.modified) \(file.changed) \(file.mode)"
  }

  /// Makes the output as it should be.
  ///
  /// - Parameter temporaryFolder: where it may be made first, on the store's file system.
  /// - Returns: whether anything had to be written.
  package func write(through temporaryFolder: String) throws(Failure) -> Bool {
    do throws(Failure) { return try write(preparedIn: temporaryFolder) } catch {
      // One file system, mounted twice: nothing moves from one mount to the other.
      guard case .file(let error) = error, error.code == EXDEV else { throw error }
      return try write(preparedIn: nil)
    }
  }

  /// - Parameter temporaryFolder: where it may be made first; `nil` for beside the target.
  private func write(preparedIn temporaryFolder: String?) throws(Failure) -> Bool {
    let temporary: String
    do throws(FileError) {
      temporary = try prepareTemporary(in: temporaryFolder)
    } catch {
      throw .file(error)
    }
    defer { try? FileSystem.remove(temporary) }
    for part in parts where !blobs.isSound(part.digest) { throw .damaged(part.digest) }
    switch type {
    case .film:
      guard parts.count == 1 else { throw .unusable("wanted one film, found \(parts.count)") }
      if let found = try? Blobs.digest(of: target), found.digest == parts[0].digest { return false }
      try attempt { () throws(FileError) in
        try FileSystem.copy(blobs.path(of: parts[0].digest), toNew: temporary)
      }
    case .prompts:
      let text = try shotList()
      if let bytes = try? FileSystem.read(target), bytes == Array(text.utf8) { return false }
      try attempt { () throws(FileError) in try FileSystem.replace(temporary, with: text.utf8) }
    case .stills, .frames: try writePictures(to: temporary)
    }
    try attempt { () throws(FileError) in try FileSystem.install(temporary, as: target) }
    return true
  }

  /// Where the output is made before it is put in its place at one instant: a name that is free, on the same
  /// file system.
  private func prepareTemporary(in temporaryFolder: String?) throws(FileError) -> String {
    let folder = FileSystem.parent(of: target) ?? "."
    try FileSystem.makeFolder(folder)
    let name = Digest(of: target).description.prefix(16)
    var temporary = "\(folder)/.\(name).reel-part"
    if let temporaryFolder,
      try FileIdentity(path: folder).device == FileIdentity(path: temporaryFolder).device
    {
      temporary = "\(temporaryFolder)/output-\(name)"
    }
    // What is left there may be gone; where it cannot be removed, nothing can be written either.
    do throws(FileError) { try FileSystem.remove(temporary) } catch {
      throw FileError(target, "write", code: error.code)
    }
    return temporary
  }

  /// What goes wrong on the way is told of the output, not of the file that is to become it.
  private func attempt(_ body: () throws(FileError) -> Void) throws(Failure) {
    do throws(FileError) { try body() } catch {
      throw .file(FileError(target, error.attempt, code: error.code))
    }
  }

  /// One JSON document with every shot.
  private func shotList() throws(Failure) -> String {
    var shots: [JSON] = []
    for part in parts {
      let bytes: [UInt8]
      do throws(FileError) { bytes = try FileSystem.read(blobs.path(of: part.digest), limit: 16 << 20) } catch
      {
        throw .file(error)
      }
      guard let json = bytes.withUnsafeBytes({ try? JSON(parsing: $0) }), case .object(var members) = json
      else {
        throw .unusable("a shot is no JSON object")
      }
      members["shot"] = part.shot.map { .string($0) }
      shots.append(.object(members))
    }
    return JSON.object(["shots": .array(shots)]).indentedText
  }

  /// A folder of PNG files: frames by number, stills by shot and number.
  private func writePictures(to folder: String) throws(Failure) {
    try attempt { () throws(FileError) in try FileSystem.makeFolder(folder) }
    var number = 0
    for part in parts {
      do throws(MediaError) {
        let reader = try FrameSequenceReader(path: blobs.path(of: part.digest))
        for index in 0..<reader.count {
          number += 1
          let name =
            type == .frames ? Self.padded(number, 6) : "\(part.shot ?? "still")-\(Self.padded(index + 1, 3))"
          try reader.frame(at: index).writePNG("\(folder)/\(name).png")
        }
      } catch {
        throw .unusable("\(error)")
      }
    }
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Campaign {
  /// An output that is made of `parts`; `nil` where its stage has no such port.
  func outputFile(_ output: GraphOutput, parts: [Part]) -> OutputFile? {
    let node = graph.nodes[output.source.node]
    let ports = (try? node.manifest.get())?.outputs ?? []
    guard let port = ports.first(where: { $0.name == output.source.port }) else { return nil }
    return OutputFile(
      path: output.path, target: FileSystem.path(output.path, in: folder), type: port.type, parts: parts,
      blobs: store.blobs)
  }

  /// Whether an output stands there as it was last written, and that is as it should be.
  func isRight(_ file: OutputFile) throws(StoreError) -> Bool {
    guard let known = try store.index.output(file.path) else { return false }
    return known.content == file.content && known.identity == file.identity
  }
}

extension FileSystem {
  /// Puts the finished file or folder `source` in the place of whatever is at `target`, at one instant.
  static func install(_ source: String, as target: String) throws(FileError) {
    let isFolder = try FileIdentity(notFollowing: source).isFolder
    if !isFolder { try Descriptor(reading: source).synchronise() }
    if let present = try? FileIdentity(notFollowing: target), isFolder || present.isFolder {
      guard present.isFolder == isFolder else {
        throw FileError(target, "write", code: isFolder ? ENOTDIR : EISDIR)
      }
      if !OperatingSystem.exchange(source, target) {
        // What is there stays until something can take its place.
        guard errno != EXDEV else { throw FileError(target, "write", code: EXDEV) }
        try remove(target)
        try rename(source, to: target)
      }
      return
    }
    try rename(source, to: target)
  }
}
