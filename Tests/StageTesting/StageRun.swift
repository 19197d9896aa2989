// Runs a stage as the worker does: parameters checked against the manifest, parts in, parts out.

import ReelStage
import Synchronization

/// One finished run of a stage. Its files live as long as it does.
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
    let job = Job(inputs: inputs, threads: threads, folder: folder.path, observer: observer)
    try S(Parameters(values)).run(job)
    outputs = job.outputs
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
  public var reports: [Report] { collected.withLock(\.self) }

  public init() {}

  public func progress(done: Int, total: Int, unit: String) {
    collected.withLock { $0.append((done, total, unit)) }
  }

  public func log(_ line: String) {}
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
