// Trying the stages out: each plugin is loaded, and those that need fonts and encoders do a small piece of work.

import Glibc
import ReelMedia
import ReelPlanning
import ReelStage

/// One stage, on a film of three small frames.
struct StageTrial {
  private let plugin: Plugin
  private let manifest: Manifest
  /// For this trial alone.
  private let folder: String

  /// The stages that come with `reel`.
  private static let own = [
    "prompt-expansion", "keyframe-generation", "patch-diffusion", "upscaling", "ad-overlay", "encoding",
  ]

  /// A finding for each stage that there is or should be, and those of the trials.
  static func findings(pluginFolders: [String], triesStages: Bool) throws -> [Finding] {
    let folders = PluginFolders(given: pluginFolders)
    let loader = try StageLoader(folders: folders, store: try Store(reading: ".reel"))
    var findings: [Finding] = []
    for stage in own + folders.stages.filter({ !own.contains($0) }) {
      switch try loader.manifest(of: stage) {
      case nil:
        findings.append(
          Finding("stage \(stage)", .error, "no plugin supplies it", cure: "install reel again"))
      case .failure(let unavailable):
        findings.append(
          Finding(
            "stage \(stage)", own.contains(stage) ? .error : .warning, unavailable.reason,
            cure: "build or install the plugin again, or take it away"))
      case .success(let manifest):
        guard let plugin = loader.plugins[stage] else { continue }
        findings.append(.ok("stage \(stage)", "version \(manifest.version), \(plugin.path)"))
        if triesStages, let finding = try trial(plugin, manifest) { findings.append(finding) }
      }
    }
    return findings
  }

  private static func trial(_ plugin: Plugin, _ manifest: Manifest) throws -> Finding? {
    let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let folder = "\(temporary)/reel-doctor-\(getpid())"
    defer { try? FileSystem.remove(folder) }
    try FileSystem.makeFolder(folder)
    let trial = StageTrial(plugin: plugin, manifest: manifest, folder: folder)
    switch plugin.stage {
    case "ad-overlay":
      return trial.finding(
        "fonts", ["layers": [["text": "Ag 07 برد", "font": "Noto Sans"]]],
        success: "Noto Sans, Latin and Arabic",
        cure: "install Debian's package 'fonts-noto-core', and 'fontconfig'")
    case "encoding":
      return trial.finding(
        "encoder", ["for": "preview"], success: "H.264 by libx264 works",
        cure: "install Debian's package 'libavcodec59', which has libx264")
    default: return nil
    }
  }

  private func finding(_ subject: String, _ given: JSON, success: String, cure: String) -> Finding {
    do {
      try run(given)
      return .ok(subject, success)
    } catch WorkerError.failed(let why) {
      return Finding(subject, .error, why, cure: cure)
    } catch {
      return Finding(subject, .error, "\(error)", cure: cure)
    }
  }

  /// Has a worker do the stage's work once.
  private func run(_ given: JSON) throws {
    let film = folder + "/film"
    let size = Size(width: 128, height: 72)
    let writer = try FrameSequenceWriter(path: film, size: size, rate: FrameRate(25))
    let greys: [UInt8] = [0, 60, 120]
    for grey in greys { try writer.append(Frame(size: size, red: grey, green: grey, blue: grey)) }
    try writer.finish()
    var parameters = try ParameterType.record(manifest.parameters).resolve(given).get()
    var span: Span?
    if case .span = manifest.cut {
      let length = FilmLength(frames: greys.count, rate: FrameRate(25))
      parameters = try SpanParameters(
        parameters, of: manifest.parameters, on: 0..<length.frames, of: length
      ).given(parameters)
      span = Span(frames: 0..<length.frames, starts: ["frames": 0])
    }
    let results = folder + "/results"
    try FileSystem.makeFolder(results)
    let worker = try WorkerProcess(executable: Installation.worker, plugin: plugin.path, stage: plugin.stage)
    let request = WorkRequest(
      work: .run(span), parameters: parameters, inputs: ["frames": [film]], threads: 1, folder: results)
    _ = try worker.run(request, timeout: 60) { _ in }
  }
}
