// Runs a stage as the worker does: parameters checked against the manifest, parts in, parts out.

import ReelStage
import Synchronization

/// One finished run of a stage, of all its spans and their join where it has such. Its files live as long as it does.
public final class StageRun {
  public let outputs: [Job.Output]
  /// Every report of progress.
  public let progress: [ProgressLog.Report]
  private let folder = TemporaryFolder()

  /// - Parameters:
  ///   - parameters: as a pipeline gives them, before defaults.
  ///   - inputs: by port, the files of the parts.
  /// - Throws: what is wrong with the parameters, or what the stage throws.
  public init<S: Stage>(
    _ stage: S.Type, _ parameters: JSON = [:], inputs: [String: [String]] = [:], threads: Int = 1
  ) throws {
    let values = try checked(parameters, for: stage)
    let observer = ProgressLog()
    let folder = folder
    var folders = 0
    func job(_ inputs: [String: [String]], _ span: Span?) -> Job {
      folders += 1
      return Job(
        inputs: inputs, span: span, threads: threads, folder: folder.makeFolder("\(folders)"),
        observer: observer)
    }
    if case .span(let seconds, _, let isJoined) = S.manifest.cut {
      let film = try FrameTimeline(paths: inputs["frames"] ?? [])
      let length = FilmLength(frames: film.count, rate: film.rate)
      var made: [Job.Output] = []
      for frames in Cut.spans(of: length, seconds: seconds) {
        let span = try SpanParameters(values, of: S.manifest.parameters, on: frames, of: length)
        let job = job(inputs, Span(frames: frames, starts: ["frames": 0]))
        try S(Parameters(span.given(values))).run(job)
        made += job.outputs
      }
      if isJoined {
        let job = job(Dictionary(grouping: made, by: \.port).mapValues { $0.map(\.path) }, nil)
        try S(Parameters(values)).join(job)
        made = job.outputs
      }
      outputs = made
    } else {
      let job = job(inputs, nil)
      try S(Parameters(values)).run(job)
      outputs = job.outputs
    }
    progress = observer.reports
  }

  /// The frames of the outputs, one part after the other.
  public func frames() throws -> [Frame] {
    let timeline = try FrameTimeline(paths: outputs.map(\.path))
    return try (0..<timeline.count).map { try timeline.frame(at: $0) }
  }
}

/// Parameters as a stage gets them from a host that finds no model by name.
public func checked<S: Stage>(_ parameters: JSON, for stage: S.Type) throws -> JSON {
  let values = try ParameterType.record(S.manifest.parameters).resolve(parameters).get()
  let absent = S.manifest.parameters.filter { $0.isDefaultIfFound && parameters[$0.name] == nil }.map(\.name)
  return .object((values.object ?? [:]).filter { !absent.contains($0.key) })
}

/// Collects what a job says of its progress.
public final class ProgressLog: JobObserver {
  public typealias Report = (done: Int, total: Int, unit: String)

  private let collected = Mutex<[Report]>([])
  private let said = Mutex<[String]>([])
  public var reports: [Report] { collected.withLock(\.self) }
  public var lines: [String] { said.withLock(\.self) }

  public init() {}

  public func progress(done: Int, total: Int, unit: String) {
    collected.withLock { $0.append((done, total, unit)) }
  }

  public func log(_ line: String) { said.withLock { $0.append(line) } }
}

/// What a stage says of parameters or inputs that it refuses.
public func refusal<S: Stage>(
  _ stage: S.Type, _ parameters: JSON = [:], inputs: [String: [String]] = [:]
) -> String {
  do {
    let run = try StageRun(stage, parameters, inputs: inputs)
    return "no error: \(run.outputs.count) outputs"
  } catch {
    return "\(error)"
  }
}
