// No text whatever brings the planner down: mutated pipelines and feeds give a value or errors with a place.
//
// `REEL_ROUNDS=100000 swift test --filter FuzzTests` tries so many and tells the slowest and the memory.

import Glibc
import ReelPlanning
import ReelStage
import Testing

@Suite struct FuzzTests {
  /// Edits bytes, pieces and words of a text.
  private struct Mutator {
    var random: SplitMix

    private static let words = [
      "${", "}", "$${", "${vars.a}", "${each.id}", "${matrix.market}", "&a ", "*a", "<<: ", "- ", "? ", ": ",
      "[",
      "]", "{", "}", "\t", "\n", "\r", "\"", "'", "|\n", ">\n", "foreach: [a, b]",
      "foreach: {shots: prompts}",
      "when: {vars.debug: true}", "when: {not: {matrix.market: us}}", "include: campaign.yaml", "\u{0}", "é",
      "\u{feff}", "!!x ", "from: markets.csv", "from: markets.json", "columns: {id: text}", "strict: true",
      "type: choice", "type: date", "999999999999999999999", "-1", "1e999", "null", "stage: ", "matrix",
      "exclude",
      "id: ", "---", "%YAML 1.1", "#", "@", "`", "\\ud83d", "\\u0000", ",",
    ].map { Array($0.utf8) }

    mutating func mutate(_ original: [UInt8]) -> [UInt8] {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        if bytes.isEmpty { bytes = [0x20] }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.removeSubrange(place..<end)
        case 2:
          bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
        case 3: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: Self.words.randomElement(using: &random)!, at: place)
        }
      }
      return bytes
    }
  }

  /// Every feature of the language, in a few lines.
  private static let everything = Workspace(
    """
    reel: 1
    name: everything
    include: shared/base.yaml
    vars: {debug: false, list: [{id: a, at: top}, {id: b, at: bottom}], text: &text "${vars.list.0.id} of ${name}"}
    env: [CLIENT]
    matrix:
      market:
        from: markets.csv
        strict: true
        columns:
          headline: {type: text, required: true, maximum_length: 40}
          price: {type: number, minimum: 0, maximum: 999}
          locale: {type: choice, of: [en-GB, ar-AE]}
          until: {type: date, minimum: 2026-01-01}
          size: size
          sku: {type: integer, unique: true}
      format: {from: formats.json, columns: {size: size, hue: {type: colour, required: true}, wide: boolean}}
      exclude: [{market: jp, format: wide}]
      include: [{market: jp, format: {id: square, size: 64x64, wide: false}}]
    stages:
      captioned:
        stage: ad-overlay
        foreach: {shots: prompts}
        in: {frames: footage}
        with: {layers: [{text: "${each.id}: ${each.prompt}", at: top}]}
      branded:
        stage: ad-overlay
        foreach: "${vars.list}"
        in: {frames: [captioned, stories]}
        with: {layers: [{text: "${matrix.market.headline}", at: "${each.at}"}]}
      stories: {stage: upscaling, in: {frames: footage}, with: {size: "${matrix.format.size}"}, when: {matrix.format.wide: false}}
      spot: {stage: encoding, in: {frames: branded}, timeout: 60, retries: 2, when: {not: {vars.debug: true}}}
    outputs:
      out/${matrix.market}-${matrix.format}.mp4: {from: spot, when: {matrix.market.locale: [en-GB, ar-AE]}}
      still-${matrix.market}-${matrix.format}.png: spot.poster
    """,
    files: [
      "shared/base.yaml": """
      reel: 1
      stages:
        prompts: {stage: prompt-expansion, with: {brief: a can, <<: {seed: 4}}}
        footage: {stage: patch-diffusion, in: {prompts: prompts}}
      """,
      "markets.csv":
        "id,headline,price,locale,until,size,sku\nus,\"Cool, clear\",3.5,en-GB,2026-03-29,8x8,1\n"
        + "jp,涼しい,,ar-AE,,,2\n",
      "formats.json": """
      {"rows": [{"id": "wide", "size": "64x32", "hue": "#ff8800", "wide": true},
        {"id": "tall", "size": "32x64", "hue": "#00ff88", "wide": false, "more": {"x": [1, 2.5e3, null, "\\ud83d\\ude00"]}}]}
      """,
    ])

  /// The pipelines of the project, each with the files that it reads, and the two of the tests.
  private static let corpus: [Workspace] = {
    func file(_ path: String) -> [UInt8] { contents(of: project + "/" + path) }
    var example = Workspace("")
    example.files = [
      "campaign.yaml": file("examples/sparkling-water/campaign.yaml"),
      "markets.csv": file("examples/sparkling-water/markets.csv"),
      "../../pipelines/product-spot.yaml": file("pipelines/product-spot.yaml"),
    ]
    var preview = example
    preview.files["../../pipelines/product-preview.yaml"] = file("pipelines/product-preview.yaml")
    let text = String(decoding: file("examples/sparkling-water/campaign.yaml"), as: UTF8.self)
    preview.files["campaign.yaml"] = Array(
      text.replacing("pipelines/product-spot.yaml", with: "pipelines/product-preview.yaml").utf8)
    return [example, preview, everything, Workspace(campaign, files: ["markets.csv": markets])]
  }()

  private static let project = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  private static func contents(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { fatalError("cannot read \(path)") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
  }

  /// Stages that cannot be loaded take any parameters, so that what those of the real ones refer to is looked up.
  private static let unloadable: StageCatalogue = {
    var stages = StageCatalogue.tests
    for name in stages.manifests.keys { stages.manifests[name] = .failure(StageUnavailable("away")) }
    return stages
  }()

  private static let slices = 8
  private static let rounds = getenv("REEL_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 3_000

  @Test func theCorpusIsRead() throws {
    // Unmutated, every pipeline is right, its parameters aside, which the stages of the tests do not all have.
    for workspace in Self.corpus {
      #expect(try workspace.graph(Self.unloadable).nodes.count > 4)
    }
    #expect(Self.everything.problems == [])
  }

  @Test(arguments: 0..<slices)
  func noTextBringsThePlannerDown(slice: Int) throws {
    var mutator = Mutator(random: SplitMix(state: UInt64(slice)))
    var (rejected, slowest) = (0, 0.0)
    for round in 0..<Self.rounds / Self.slices {
      var workspace = Self.corpus[round % Self.corpus.count]
      let name = workspace.files.keys.sorted().randomElement(using: &mutator.random)!
      workspace.files[name] = mutator.mutate(workspace.files[name]!)
      let start = Self.seconds
      var problems: [String] = []
      do {
        _ = try workspace.graph(Bool.random(using: &mutator.random) ? .tests : Self.unloadable)
      } catch {
        problems = error.list.map(\.description)
      }
      slowest = max(slowest, Self.seconds - start)
      rejected += problems.isEmpty ? 0 : 1
      for problem in problems {
        #expect(problem.contains(": ") && !problem.contains("\n"), "\(slice) \(round): \(problem)")
      }
    }
    #expect(rejected > Self.rounds / Self.slices / 4)
    if getenv("REEL_ROUNDS") != nil {
      print("slice \(slice): \(Self.rounds / Self.slices) rounds, \(rejected) rejected, slowest \(slowest) s")
      print(
        String(decoding: Self.contents(of: "/proc/self/status"), as: UTF8.self).split(separator: "\n").first {
          $0.hasPrefix("VmHWM")
        } ?? "")
    }
  }

  private static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
