// Reading a job's inputs as what their ports carry.

import Glibc

extension Job {
  /// The shot in the only part of a port of prompts.
  ///
  /// - Throws: ``StageError/input(_:_:)`` where the part is not one shot.
  public func shot(_ port: String) throws -> Shot {
    let bytes = try readFile(part(port))
    let json: JSON
    do {
      json = try bytes.withUnsafeBytes { (buffer) throws(JSONError) in try JSON(parsing: buffer) }
    } catch {
      throw StageError.input(port, "not a shot: \(error)")
    }
    guard let shot = Shot(json: json) else {
      throw StageError.input(port, "not a shot: wanted seconds, seed, prompt, negative_prompt and choices")
    }
    return shot
  }

  /// Every frame of the only part of a port of stills.
  public func stills(_ port: String) throws -> [Frame] {
    let reader = try FrameSequenceReader(path: part(port))
    return try (0..<reader.count).map { try reader.frame(at: $0) }
  }

  /// The parts of a port of frames as one run, numbered as ``span`` is; from 0 where there is none.
  public func timeline(_ port: String) throws(MediaError) -> FrameTimeline {
    try FrameTimeline(paths: parts(port), from: givenSpan?.starts[port] ?? 0)
  }

  private func readFile(_ path: String) throws(StageError) -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw .file(path, String(cString: strerror(errno))) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    if ferror(file) != 0 { throw .file(path, String(cString: strerror(errno))) }
    return bytes
  }
}
