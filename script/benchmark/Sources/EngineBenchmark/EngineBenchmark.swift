// script/bench engine: what the engine takes where there is nothing or next to nothing to do, and ninja beside it.
import Glibc

/// One line of the table.
struct Line {
  let what: String
  let nodes: Int
  let cost: Cost
  /// What it is compared with, and what may be reached: `1.0 × ninja`.
  var comparison = ""
  var ratio: Double?
  var bound: Double?
}

@main
struct EngineBenchmark {
  /// Each thing is measured so often, one after the other, so that what else the machine does hits all alike.
  static let rounds = 15
  /// So often in each round, since several of an edit's milliseconds are waits that end by a clock's tick.
  static let editsPerRound = 4
  let reel: String
  let plugins: String
  let folder: String
  /// In memory: an edit's action waits for the disk several times, whose speed varies by more than is measured.
  let memory: String
  /// Of Python programs to compare with; empty for none.
  let peers: String
  var lines: [Line] = []

  static func main() {
    var words = Array(CommandLine.arguments.dropFirst())
    let wantsJSON = words.contains("--json")
    words.removeAll { $0 == "--json" }
    guard words.count == 5 else {
      fail("wants the program, the plugins, a folder, one in memory, and the peers' folder")
    }
    var benchmark = EngineBenchmark(
      reel: words[0], plugins: words[1], folder: words[2], memory: words[3], peers: words[4])
    benchmark.measure()
    benchmark.measurePeers()
    print(wantsJSON ? benchmark.json : benchmark.table)
  }

  private func build(_ campaign: String, _ arguments: String..., in place: String? = nil) -> Program {
    Program([reel, "build", "--plugins", plugins, "-j2"] + arguments, in: "\(place ?? folder)/\(campaign)")
  }

  private mutating func measure() {
    let many = Chains(count: 303, length: 33)
    let one = Chains(count: 1, length: 33)
    let thousand = Chains(count: 100, length: 10)
    many.writeCampaign(in: folder + "/many")
    one.writeCampaign(in: folder + "/one")
    thousand.writeCampaign(in: folder + "/thousand")
    many.writeNinja(in: folder + "/ninja")
    let ninja = Program(["ninja", "-j2"], in: folder + "/ninja")
    say("building \(many.nodes) nodes with ninja, then with reel")
    ninja.run()
    for campaign in ["one", "many"] { build(campaign).run() }
    // The results are there, so that only the outputs have to be written.
    Program(["cp", "-a", "many", "delivered"], in: folder).run()
    Program(["cp", "-a", "one", "many", memory], in: folder).run()
    let first = build("thousand").run()
    // What the first build after one settles.
    settle()
    say("measuring, \(Self.rounds) rounds")

    var costs: [String: [Cost]] = [:]
    func take(_ name: String, _ program: Program) { costs[name, default: []].append(program.run()) }
    for round in 0..<Self.rounds {
      take("version", Program([reel, "--version"], in: folder))
      take("ninja", ninja)
      take("many", build("many"))
      take("one", build("one"))
      take("delivered", build("delivered", "-f", "delivered.yaml"))
      take("thousand", build("thousand"))
      for edit in 0..<Self.editsPerRound {
        for (name, text) in [
          ("notes", "source 0\nnotes of \(round) \(edit)\n"),
          ("line", "source 0 in \(round) \(edit)\nnotes\n"),
        ] {
          for (kind, place) in [("memory", memory), ("disk", folder)] where kind == "memory" || edit == 0 {
            for campaign in ["many", "one"] {
              settle()
              take("\(kind) \(campaign)", build(campaign, in: place))
              write(text, to: "\(place)/\(campaign)/\(many.source(0))")
              take("\(kind) \(campaign) \(name)", build(campaign, in: place))
            }
          }
        }
      }
      settle()
    }
    func cost(_ name: String) -> Cost { median(costs[name]!) }
    func wall(_ name: String) -> Double { cost(name).wall }

    lines.append(
      Line(
        what: "start-up: reel --version", nodes: 0, cost: cost("version"), comparison: "of 15 ms",
        ratio: wall("version") / 0.015, bound: 1))
    lines.append(
      Line(
        what: "nothing to do", nodes: one.nodes, cost: cost("one"), comparison: "of 15 ms",
        ratio: wall("one") / 0.015, bound: 1))
    lines.append(Line(what: "nothing to do, ninja", nodes: many.nodes, cost: cost("ninja")))
    for (what, name) in [("303 delivered", "many"), ("all delivered", "delivered")] {
      lines.append(
        Line(
          what: "nothing to do, \(what)", nodes: many.nodes, cost: cost(name), comparison: "of ninja",
          ratio: wall(name) / wall("ninja"), bound: 1))
    }
    lines.append(
      Line(
        what: "nothing to do, 303 delivered", nodes: many.nodes, cost: cost("many"), comparison: "of 25 ms",
        ratio: wall("many") / 0.025, bound: 1))
    for (what, name) in [("1 action", "notes"), ("33 actions", "line")] {
      lines.append(
        Line(what: "one source edited, \(what)", nodes: many.nodes, cost: cost("disk many \(name)")))
      // What the same actions take where there is nothing else.
      let itself = wall("memory one \(name)") - wall("memory one")
      lines.append(
        Line(
          what: "the same in memory", nodes: many.nodes, cost: cost("memory many \(name)"),
          comparison: "of nothing to do, without the \(milliseconds(itself)) of the actions",
          ratio: (wall("memory many \(name)") - itself) / wall("memory many"), bound: 1.2))
    }
    let each = (first.wall - wall("thousand")) / Double(thousand.nodes)
    lines.append(
      Line(
        what: "an action, of \(thousand.nodes)", nodes: thousand.nodes,
        cost: Cost(wall: each, processor: first.processor / Double(thousand.nodes)),
        comparison: "of 2 ms", ratio: each / 0.002, bound: 1))
  }

  /// What changed within the grain of the clock is looked at again; what is measured is not that.
  private func settle() {
    usleep(20_000)
    for campaign in ["one", "many", "thousand"] { build(campaign).run() }
    for campaign in ["one", "many"] { build(campaign, in: memory).run() }
    build("delivered", "-f", "delivered.yaml").run()
  }

  /// Fewer nodes: with all of them each run takes minutes.
  private mutating func measurePeers() {
    guard !peers.isEmpty else { return }
    let few = Chains(count: 30, length: 10)
    let environment = ["PATH": peers + "/bin:" + (getenv("PATH").map { String(cString: $0) } ?? "")]
    say("building \(few.nodes) nodes with DVC and Snakemake")
    few.writeDVC(in: folder + "/dvc")
    Program(["dvc", "init", "--no-scm", "-f", "-q"], in: folder + "/dvc", environment: environment).run()
    few.writeSnakemake(in: folder + "/snakemake")
    for (name, words) in [
      ("dvc", ["dvc", "repro", "-q"]), ("snakemake", ["snakemake", "-c2", "-q", "all"]),
    ] {
      let program = Program(words, in: "\(folder)/\(name)", environment: environment)
      program.run()
      lines.append(
        Line(
          what: "nothing to do, \(name)", nodes: few.nodes, cost: median((0..<3).map { _ in program.run() })))
    }
  }

  // MARK: Telling

  private var table: String {
    func row(_ cells: [String]) -> String {
      zip(cells, [34, 6, 11, 11, 7, 0]).enumerated().map { index, pair in
        let padding = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
        return index == 0 || index == 5 ? pair.0 + padding : padding + pair.0
      }.joined(separator: "  ")
    }
    let rows = lines.map { line in
      row([
        line.what, line.nodes == 0 ? "" : "\(line.nodes)", milliseconds(line.cost.wall),
        milliseconds(line.cost.processor), line.ratio.map { "\(($0 * 100).rounded() / 100)" } ?? "",
        line.comparison + (line.bound.map { "; at most \($0)" } ?? ""),
      ])
    }
    return ([row(["what", "nodes", "wall", "processor", "ratio", ""])] + rows).joined(separator: "\n")
  }

  /// No text here needs an escape.
  private var json: String {
    let objects = lines.map { line in
      var members = [
        "\"what\": \"\(line.what)\"", "\"nodes\": \(line.nodes)", "\"wall_seconds\": \(line.cost.wall)",
        "\"processor_seconds\": \(line.cost.processor)", "\"comparison\": \"\(line.comparison)\"",
      ]
      if let ratio = line.ratio { members.append("\"ratio\": \(ratio)") }
      if let bound = line.bound { members.append("\"at_most\": \(bound)") }
      return "  {" + members.joined(separator: ", ") + "}"
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]"
  }
}

/// `12.34 ms`.
func milliseconds(_ seconds: Double) -> String {
  let hundredths = Int((seconds * 1e5).rounded())
  let fraction = String(abs(hundredths) % 100)
  return (hundredths < 0 ? "-" : "") + "\(abs(hundredths) / 100)." + (fraction.count < 2 ? "0" : "")
    + fraction + " ms"
}
