// Builds that look only at what has changed, held against builds that look at everything.

import Glibc
import ReelJSON
import Testing

@Suite struct SnapshotTests {
  /// One campaign twice: one of them forgets its snapshots before every build.
  private struct Pair {
    let kept: Workspace
    let forgetting: Workspace
    /// What the environment and the command line say.
    var greeting = "hello"
    var arguments: [String] = []

    init() throws {
      kept = try Workspace()
      forgetting = try Workspace()
      for workspace in [kept, forgetting] {
        workspace.plugins = [workspace.path + "/plugins", try FastStages.folder()]
        mkdir(workspace.path + "/plugins", 0o755)
        try workspace.write("campaign.yaml", SnapshotTests.campaigns[0])
        try workspace.write("more.yaml", SnapshotTests.included)
        try workspace.write("markets.csv", SnapshotTests.feeds[0])
        for market in ["uk", "ae", "jp", "fr"] {
          try workspace.write("claims/\(market).txt", "claim of \(market) ")
        }
      }
    }

    func both(_ change: (Workspace) throws -> Void) throws {
      try change(kept)
      try change(forgetting)
    }

    /// Builds both, and says where they differ.
    func difference() throws -> String? {
      removeTree(forgetting.path + "/.reel/snapshots")
      let (one, other) = (try outcome(kept), try outcome(forgetting))
      return one == other ? nil : "with snapshots:\n\(one)\nwithout:\n\(other)"
    }

    /// All that a build says and leaves, but for times.
    private func outcome(_ workspace: Workspace) throws -> String {
      unlink(workspace.path + "/actions.json")
      let finished = try workspace.start(
        ["build", "--json", "actions.json"] + arguments, environment: ["GREETING": greeting]
      ).wait()
      // How far a build comes that fails is a matter of time.
      if finished.status == 1 { return "status 1" }
      var lines = ["status \(finished.status)", finished.errors.replacing(workspace.path, with: "")]
      if workspace.exists("actions.json") {
        lines += try workspace.records().map { "\($0) \($0.status): \($0.why)" }.sorted()
        let json = try JSON(parsing: try workspace.text("actions.json"))
        lines += (json["outputs"]?.array ?? []).compactMap(\.string)
        lines += ["written:"] + (json["written"]?.array ?? []).compactMap(\.string).sorted()
      }
      // "done in 0.01 s: 5 ran, …": what comes after the time.
      lines += finished.output.split(separator: "\n").suffix(1).map { line in
        String(line.drop { $0 != ":" })
      }
      for file in (try? names(in: workspace.path + "/renders")) ?? [] {
        lines.append("\(file): \(try workspace.text("renders/\(file)"))")
      }
      return lines.joined(separator: "\n")
    }
  }

  private static let feeds = ["id\nuk\nae\n", "id\nuk\nae\njp\n", "id\njp\n"]

  private static let included = """
    reel: 1
    stages:
      credits: {stage: shot-list, with: {shots: [one, two]}}
      end: {stage: shot-work, in: {prompts: credits}, with: {file: claims/uk.txt}}
      tail: {stage: shot-join, in: {frames: end}}
      scenes:
        stage: prompt-expansion
        with:
          brief: a can, __words__
          wildcards: [{name: words, file: claims/jp.txt}]
          shot_list: [{id: jp, prompt: push in}, {id: fr, prompt: pull out}]
      each:
        stage: shot-work
        foreach: {shots: scenes}
        in: {prompts: scenes}
        with: {file: "claims/${each.id}.txt"}
      reel: {stage: shot-join, in: {frames: each}}
    outputs:
      renders/tail.txt: tail
      renders/reel.txt: reel

    """

  private static func campaign(title: String = "", fault: String = "none", broken: String = "") -> String {
    """
    reel: 1
    include: more.yaml
    env: [GREETING]
    vars: {seconds: 0}
    matrix: {market: {from: markets.csv}}
    stages:
      shots: {stage: shot-list, with: {shots: [a, b]}}
      work:
        stage: shot-work
        in: {prompts: shots}
        with:
          text: "${env.GREETING}"
          file: claims/${matrix.market}.txt
          seconds: ${vars.seconds}
          fault: \(fault)
          shot: b
      film: {stage: shot-join, in: {frames: work}, with: {title: "\(title)"}}
    outputs:
      renders/${matrix.market}.txt: film
    \(broken)
    """
  }

  private static let campaigns = [
    campaign(), campaign(title: "Title"), campaign(fault: "error"), campaign(broken: "stagse: {}"),
  ]

  /// Changes people make, and some that they make by accident. `number` picks one of each kind.
  private static let changes: [(name: String, make: @Sendable (inout Pair, _ number: Int) throws -> Void)] = [
    ("nothing", { _, _ in }),
    (
      "write the same bytes again",
      { pair, number in
        try pair.both { try $0.write(claim(number), try $0.bytes(claim(number))) }
      }
    ),
    (
      "edit a claim",
      { pair, number in
        try pair.both { try $0.write(claim(number), "claim \(number % 7) ") }
      }
    ),
    (
      "edit a claim and set its time back",
      { pair, number in
        try pair.both { workspace in
          let path = "\(workspace.path)/\(claim(number))"
          var status = stat()
          try #require(stat(path, &status) == 0)
          let text = try workspace.text(claim(number))
          try workspace.write(claim(number), String(text.reversed()))
          var times = [status.st_atim, status.st_mtim]
          try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
        }
      }
    ),
    (
      "edit a claim, build, and edit it at once again",
      { pair, number in
        try pair.both { try $0.write(claim(number), "first  ") }
        _ = try pair.difference()
        try pair.both { try $0.write(claim(number), "second ") }
      }
    ),
    (
      "swap two claims",
      { pair, number in
        try pair.both { workspace in
          let (one, other) = (claim(number), claim(number + 1))
          try #require(rename("\(workspace.path)/\(one)", "\(workspace.path)/aside") == 0)
          try #require(rename("\(workspace.path)/\(other)", "\(workspace.path)/\(one)") == 0)
          try #require(rename("\(workspace.path)/aside", "\(workspace.path)/\(other)") == 0)
        }
      }
    ),
    (
      "delete a claim, build, and put it back",
      { pair, number in
        let bytes = try pair.kept.bytes(claim(number))
        try pair.both { unlink("\($0.path)/\(claim(number))") }
        #expect(try pair.difference() == nil)
        try pair.both { try $0.write(claim(number), bytes) }
      }
    ),
    (
      "edit the pipeline",
      { pair, number in
        try pair.both { try $0.write("campaign.yaml", campaigns[number % campaigns.count]) }
      }
    ),
    (
      "edit the included file",
      { pair, number in
        try pair.both {
          try $0.write(
            "more.yaml", included.replacing("[one, two]", with: number % 2 == 0 ? "[one]" : "[two, one]"))
        }
      }
    ),
    (
      "edit the feed",
      { pair, number in
        try pair.both { try $0.write("markets.csv", feeds[number % feeds.count]) }
      }
    ),
    ("change the environment", { pair, number in pair.greeting = "hello \(number % 3)" }),
    ("delete an output", { pair, number in try pair.both { _ = unlink("\($0.path)/\(output(number))") } }),
    ("edit an output", { pair, number in try pair.both { try $0.write(output(number), "scribbled") } }),
    (
      "delete a blob",
      { pair, number in
        try pair.both { workspace in
          let folders = (try? names(in: workspace.path + "/.reel/blobs")) ?? []
          guard !folders.isEmpty else { return }
          let folder = "\(workspace.path)/.reel/blobs/\(folders[number % folders.count])"
          if let blob = try names(in: folder).first { unlink("\(folder)/\(blob)") }
        }
      }
    ),
    ("remove the store", { pair, _ in try pair.both { removeTree($0.path + "/.reel") } }),
    (
      "remove the index",
      { pair, _ in
        try pair.both { workspace in
          for name in ["", "-wal", "-shm"] { unlink("\(workspace.path)/.reel/index.sqlite\(name)") }
          _ = try workspace.reel("plan", environment: ["GREETING": "hello"])
        }
      }
    ),
    (
      "put a plugin in front",
      { pair, number in
        let name = "libShotJoin.so"
        let library = try contents(of: FastStages.folder() + "/" + name)
        try pair.both { workspace in
          if number % 2 == 0 {
            try workspace.write("plugins/\(name)", library)
          } else {
            unlink("\(workspace.path)/plugins/\(name)")
          }
        }
      }
    ),
    (
      "build something else",
      { pair, number in
        pair.arguments = [[], ["tail"], ["-D", "seconds=0.01"], ["film@uk"], ["-B"], ["-k"]][number % 6]
      }
    ),
  ]

  private static func claim(_ number: Int) -> String { "claims/\(["uk", "ae", "jp"][number % 3]).txt" }
  private static func output(_ number: Int) -> String { "renders/\(["uk", "ae", "tail"][number % 3]).txt" }

  @Test(
    "after any changes a build does what one does that looks at everything", arguments: [1, 2, 3, 4])
  func changes(seed: UInt64) throws {
    var pair = try Pair()
    var random = seed
    func next() -> Int {
      // Knuth's MMIX generator; its high bits are the good ones.
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(random >> 33)
    }
    #expect(try pair.difference() == nil)
    var history: [String] = []
    for _ in 0..<30 {
      for _ in 0...next() % 2 {
        let (change, number) = (Self.changes[next() % Self.changes.count], next())
        history.append("\(change.name) \(number)")
        try change.make(&pair, number)
      }
      let difference = try pair.difference()
      #expect(difference == nil, "after \(history.suffix(6))")
      if difference != nil { return }
    }
  }

  @Test("a damaged artifact that an edited node reads is made again") func damagedArtifact() throws {
    let pair = try Pair()
    #expect(try pair.difference() == nil)
    // The shots' list is not looked at when a claim changes, but read.
    try pair.both { workspace in
      for folder in try names(in: workspace.path + "/.reel/blobs") {
        for blob in try names(in: "\(workspace.path)/.reel/blobs/\(folder)") {
          let path = ".reel/blobs/\(folder)/\(blob)"
          guard try workspace.text(path) == "a\n" else { continue }
          try #require(chmod("\(workspace.path)/\(path)", 0o644) == 0)
          try workspace.write(path, "x\n")
        }
      }
      try workspace.write("claims/uk.txt", "another claim ")
    }
    #expect(try pair.difference() == nil)
    #expect(try pair.kept.text("renders/uk.txt").contains("another claim a\n"))
    #expect(try pair.difference() == nil)
  }

  @Test("a snapshot that is cut, flipped, or of another campaign is as good as none") func damagedSnapshot()
    throws
  {
    let pair = try Pair()
    #expect(try pair.difference() == nil)
    let workspace = pair.kept
    try workspace.write("claims/uk.txt", "another claim ")
    try workspace.write("claims/ae.txt", "another claim ")
    _ = try workspace.reel("build", environment: ["GREETING": "hello"])
    let expected = try workspace.bytes("renders/uk.txt")
    let folder = ".reel/snapshots"
    let files = try names(in: "\(workspace.path)/\(folder)").map {
      ($0, try workspace.bytes("\(folder)/\($0)"))
    }
    try #require(files.count == 3)
    for (name, bytes) in files {
      for step in 0..<24 {
        var damaged = bytes
        let place = bytes.count * step / 24
        if step % 6 == 5 { damaged.removeLast(bytes.count - place) } else { damaged[place] ^= 0x41 }
        try workspace.write("\(folder)/\(name)", damaged)
        try workspace.write("claims/uk.txt", step % 2 == 0 ? "yet another " : "another claim ")
        let (finished, records) = try workspace.build(environment: ["GREETING": "hello"])
        #expect(finished.status == 0, "\(name) at \(place): \(finished)")
        let message = "\(folder)/\(name): was damaged; looked at all that it told of\n"
        #expect(finished.errors == message, "\(name) at \(place): \(finished)")
        #expect(records.count == 15 && records.allSatisfy { ["ran", "cached"].contains($0.status) })
      }
    }
    #expect(try workspace.bytes("renders/uk.txt") == expected)
  }
}
