// One action as a stage sees it: its inputs, where to write, how many threads it may use.

import ReelModels

/// Hears how a job is getting on. The worker sends it to the host; a test collects it.
public protocol JobObserver: Sendable {
  /// `done` of `total` units of work are finished.
  func progress(done: Int, total: Int, unit: String)
  /// A line for the log.
  func log(_ line: String)
}

/// One action.
public final class Job {
  /// By port, the files of the parts that this action reads, in the order of the film. A port that the node
  /// leaves open is absent.
  public let inputs: [String: [String]]
  /// How many threads the action may keep busy. The result does not depend on it.
  public let threads: Int
  /// An empty folder for this action alone, gone when it ends.
  public let folder: String
  /// What the host knows of the models that the parameters name, and a folder for what is made of them.
  public let cache: ModelCache?
  let givenSpan: Span?
  public private(set) var outputs: [Output] = []
  private let observer: any JobObserver

  /// A finished part: the file, its port, and the shot's name where the stage divides the film into shots.
  public struct Output: Hashable, Sendable {
    public let port: String
    public let shot: String?
    public let path: String
  }

  /// - Parameter span: for a stage that is cut by span.
  public init(
    inputs: [String: [String]], span: Span? = nil, threads: Int, folder: String, cache: ModelCache? = nil,
    observer: any JobObserver
  ) {
    self.cache = cache
    self.inputs = inputs
    givenSpan = span
    self.threads = threads
    self.folder = folder
    self.observer = observer
  }

  /// The frames to make, for a stage that is cut by span. Asked for by another one, it stops the stage.
  public var span: Span {
    guard let givenSpan else { preconditionFailure("the stage is not cut by span") }
    return givenSpan
  }

  /// The files of an input in the order of the film; empty for an optional one that is not connected.
  public func parts(_ port: String) -> [String] { inputs[port] ?? [] }

  /// The only file of an input, as a stage that is cut by shot gets it. Of a film that is not divided into shots it
  /// gets all parts at once: frames are read by ``timeline(_:)``.
  public func part(_ port: String) throws(StageError) -> String {
    let parts = parts(port)
    guard parts.count == 1 else { throw .input(port, "wanted one part, found \(parts.count)") }
    return parts[0]
  }

  /// The path of a new part of the output `port`, for the stage to write before it returns. Parts stand in the
  /// film in the order of these calls.
  ///
  /// - Parameter shot: the shot's name, given only by a stage that is not cut by shot and makes one part a shot.
  public func makeOutput(_ port: String, shot: String? = nil) -> String {
    let path = "\(folder)/\(outputs.count)"
    outputs.append(Output(port: port, shot: shot, path: path))
    return path
  }

  /// Says that `done` of `total` units of work ("frames", "steps") are finished.
  public func progress(done: Int, total: Int, unit: String) {
    observer.progress(done: done, total: total, unit: unit)
  }

  public func log(_ line: String) { observer.log(line) }
}
