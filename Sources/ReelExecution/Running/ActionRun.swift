// One action on a thread of its own: checks what it reads, has a worker do it, takes what it made into the
// store.

import Glibc
import ReelModels
import ReelPlanning
import ReelStage

/// An action that is handed to a worker.
struct ActionRun: Sendable {
  let worker: WorkerProcess
  let manifest: Manifest
  let action: Action
  /// The node's, with absolute paths.
  let parameters: JSON
  let threads: Int
  let timeout: Double
  /// What the worker may take for itself; `nil` for no limit.
  let memory: ByteCount?
  /// For this action alone while it runs, and empty after that.
  let folder: String
  let blobs: Blobs
  /// The other workers of the run: what they have comes free.
  let others: [WorkerProcess]
  let cache: ModelCache?

  enum Failure: Error {
    /// Artifacts that the action reads are not there, or their bytes are not what they were.
    case damaged([Digest])
    case worker(WorkerError)
    case file(FileError)
  }

  /// Looks whether the action can be run, and how much it takes; `nil` where its stage does not tell.
  func estimate() throws(Failure) -> ActionEstimate? {
    let damaged = action.inputs.values.joined().map(\.digest).filter { !blobs.isSound($0) }
    guard damaged.isEmpty else { throw .damaged(damaged) }
    guard manifest.isEstimated, action.piece != .join else { return nil }
    do throws(WorkerError) {
      guard let estimate = try worker.estimate(request, timeout: timeout) else { return nil }
      if let refusal = MemoryRoom(limit: memory, workers: others + [worker]).refusal(of: estimate) {
        throw refusal
      }
      return estimate
    } catch {
      throw .worker(error)
    }
  }

  /// Runs the action, on the calling thread.
  func run(hear: (WorkerReply) -> Void) throws(Failure) -> [StoredPart] {
    do throws(FileError) { try FileSystem.makeFolder(folder) } catch { throw .file(error) }
    defer {
      // The next action takes an empty one as it is: making folders is half the work of a short action.
      if (try? FileSystem.names(in: folder)) != [] { try? FileSystem.remove(folder) }
    }
    let written: [WrittenPart]
    do throws(WorkerError) {
      written = try worker.run(request, timeout: timeout, memory: memory, hear: hear)
      try check(written)
    } catch {
      throw .worker(error)
    }
    // A stage that does not look at what its writes return has written half of what it meant to.
    if FileSystem.isFull(folder) { throw .file(FileError(folder, "write", code: ENOSPC)) }
    var parts: [StoredPart] = []
    for part in written {
      do throws(FileError) {
        let length = length(of: part)
        let (digest, size) = try blobs.adopt(part.path)
        parts.append(
          StoredPart(port: part.port, shot: part.shot, digest: digest, size: size, length: length))
      } catch {
        throw .file(error)
      }
    }
    return parts
  }

  private var request: WorkRequest {
    WorkRequest(action, parameters: parameters, blobs: blobs, threads: threads, folder: folder, cache: cache)
  }

  /// How long a frame sequence is; what no reader takes for one has no length.
  private func length(of part: WrittenPart) -> FilmLength? {
    guard manifest.outputs.contains(where: { $0.name == part.port && $0.type == .frames }),
      let reader = try? FrameSequenceReader(path: part.path)
    else { return nil }
    return FilmLength(frames: reader.count, rate: reader.rate)
  }

  /// A shot's name may become part of a file's name.
  private static func isShotName(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count) && text != "." && text != ".."
      && text.unicodeScalars.allSatisfy { $0 != "/" && $0.properties.generalCategory != .control }
  }

  /// Holds what the worker says that it wrote against what is there and what the stage declares.
  private func check(_ parts: [WrittenPart]) throws(WorkerError) {
    let plugin = manifest.name
    var paths: Set<String> = []
    for part in parts {
      guard manifest.outputs.contains(where: { $0.name == part.port }) else {
        throw .unknownPort(plugin: plugin, port: part.port)
      }
      let name = part.path.hasPrefix(folder + "/") ? part.path.dropFirst(folder.count + 1) : ""
      guard !name.isEmpty, name.utf8.allSatisfy({ (48...57).contains($0) }), paths.insert(part.path).inserted
      else {
        throw .partElsewhere(plugin: plugin, port: part.port, path: part.path)
      }
      if let shot = part.shot, !Self.isShotName(shot) {
        throw .unusablePart(
          plugin: plugin, port: part.port,
          reason: "wanted a shot's name without '/' and control characters, at most 100 bytes long")
      }
      guard let identity = try? FileIdentity(notFollowing: part.path), identity.isRegularFile else {
        throw .partNotThere(plugin: plugin, port: part.port)
      }
    }
    for port in manifest.outputs {
      let count = parts.count { $0.port == port.name }
      switch action.piece {
      case .shot where count != 1, .whole where manifest.cut == .shot && count != 1:
        throw .wrongPartCount(plugin: plugin, port: port.name, wanted: "one part a shot", found: count)
      case .span where count != 1:
        throw .wrongPartCount(
          plugin: plugin, port: port.name, wanted: "one part a run of frames", found: count)
      default: break
      }
      if count == 0 { throw .wrongPartCount(plugin: plugin, port: port.name, wanted: "a part", found: 0) }
    }
  }
}

extension WorkRequest {
  /// - Parameter parameters: the node's, with absolute paths.
  init(
    _ action: Action, parameters: JSON, blobs: Blobs, threads: Int, folder: String, cache: ModelCache?
  ) {
    self.init(
      work: action.piece == .join ? .join : .run(action.piece.work?.span),
      parameters: action.piece.work?.parameters.given(parameters) ?? parameters,
      inputs: action.inputs.mapValues { $0.map { blobs.path(of: $0.digest) } }, threads: threads,
      folder: folder, cache: cache)
  }
}
