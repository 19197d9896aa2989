// Three stages without any work in them, to test the engine with: compiled by the tests, one plugin from each flag.

import Glibc
import ReelStage

#if SHOT_LIST
  /// Writes each text of a list as a shot of its own.
  struct Fast: Stage {
    static let manifest = Manifest(
      name: "shot-list", version: 1, summary: "write texts as shots",
      outputs: [Port("prompts", .prompts, help: "one a text")],
      parameters: [.required("shots", .list(.text, count: 1...100), help: "the texts")])

    private let texts: [String]

    init(_ parameters: Parameters) { texts = parameters.list("shots").compactMap(\.string) }

    func run(_ job: Job) throws {
      for (index, text) in texts.enumerated() {
        try write(text + "\n", to: job.makeOutput("prompts", shot: "\(index + 1)"))
      }
    }
  }
#elseif SHOT_WORK
  /// Copies a shot behind a text, after a while, or misbehaves.
  struct Fast: Stage {
    static let manifest = Manifest(
      name: "shot-work", version: 1, summary: "put a text before a shot",
      inputs: [Port("prompts", .prompts, help: "the shot")],
      outputs: [Port("frames", .frames, help: "the text, then the shot")], cut: .shot,
      parameters: [
        .optional("text", .text, default: "", help: "the text"),
        .optional("file", .file, help: "more text"),
        .model("model", reading: ["*.txt"], orFile: true, ifFound: "fast-words", help: "last words"),
        .optional("seconds", .number(0...60, unit: "seconds"), default: 0.0, help: "how long it takes"),
        .optional("fault", .choice(Fault.allCases.map(\.rawValue)), default: "none", help: "what goes wrong"),
        .optional("shot", .text, help: "the only text with which it goes wrong"),
      ])

    private enum Fault: String, CaseIterable {
      case none, abort, hang, error, trap, exit, nothing, memory, orphan
    }
    private let parameters: Parameters

    init(_ parameters: Parameters) { self.parameters = parameters }

    func run(_ job: Job) throws {
      let shot = try read(try job.part("prompts"))
      usleep(useconds_t(parameters.number("seconds") * 1_000_000))
      let fault = Fault(rawValue: parameters.text("fault")) ?? .none
      if parameters.ifGiven("shot", parameters.text).map({ $0 + "\n" == shot }) ?? true {
        try misbehave(fault)
        if fault == .nothing { return }
      }
      let more = try parameters.ifGiven("file", parameters.text).map(read) ?? ""
      let model = try parameters.ifGiven("model", parameters.text).map { path in
        try read(path.hasSuffix(".txt") ? path : path + "/words.txt")
      }
      try write(parameters.text("text") + " " + more + shot + (model ?? ""), to: job.makeOutput("frames"))
    }

    /// Ten megabytes, again and again, up to twenty gigabytes.
    private func takeMemory() {
      for _ in 0..<2000 {
        let size = 10 << 20
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        for page in stride(from: 0, to: size, by: 4096) {
          bytes.storeBytes(of: 1, toByteOffset: page, as: UInt8.self)
        }
        usleep(10_000)
      }
    }

    private func misbehave(_ fault: Fault) throws {
      switch fault {
      case .none, .nothing: break
      case .abort:
        _ = "the last words\n".withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
        abort()
      case .hang: while true { sleep(1) }
      case .error: throw StageError.failed("this went wrong on purpose")
      case .trap: fatalError("the last words")
      case .exit: exit(0)
      case .memory: takeMemory()
      case .orphan:
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("1000"), nil]
        // Out of the worker's group, as a daemon is.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnp(&process, "sleep", nil, &attributes, &words, environ)
        while true { sleep(1) }
      }
    }
  }
#else
  /// Joins the parts of a film.
  struct Fast: Stage {
    static let manifest = Manifest(
      name: "shot-join", version: 1, summary: "join shots",
      inputs: [Port("frames", .frames, help: "the shots")],
      outputs: [Port("film", .film, help: "all of them")],
      parameters: [.optional("title", .text, default: "", help: "what stands above them")])

    private let title: String

    init(_ parameters: Parameters) { title = parameters.text("title") }

    func run(_ job: Job) throws {
      try write(title + "\n" + job.parts("frames").map(read).joined(), to: job.makeOutput("film"))
    }
  }
#endif

@c(reel_plugin_manifest)
public func reelPluginManifest() -> UnsafePointer<reel_plugin> { plugin(of: Fast.self) }
