// `reel plan`: what a build would do.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage

/// Tells of each action whether it is in the store or would run, and why.
enum PlanCommand: Command {
  static let name = "plan"
  static let summary = "tell what would run and why, what is in the store, and which outputs would be written"
  static let operands = Operands.any("TARGET")
  static let options = Option.campaign + Option.selection + [Option.jobs, Option.json]
  static let examples = ["reel plan", "reel plan -f ads/campaign.yaml spot@market=us --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let campaign = try arguments.campaignToRead()
    let plan = try Plan(campaign, selection: try arguments.selection(in: campaign.graph))
    if arguments.has("json") {
      let list = plan.entries.map(\.json) + plan.outputs.map(\.json)
      Reel.write(JSON.array(list).indentedText, to: STDOUT_FILENO)
    } else {
      Reel.show(text(of: plan, jobs: try arguments.jobs))
    }
    return .done
  }

  /// One line an action, one for each output that is not as wanted, then the counts and about how long it would
  /// take.
  static func text(of plan: Plan, jobs: Int) -> String {
    var counts = (cached: 0, run: 0, waits: 0, impossible: 0)
    var text = ""
    for entry in plan.entries {
      let time = entry.seconds.flatMap(approximately).map { ", \($0)" } ?? ""
      let work = entry.estimate.map { ", \(words(of: $0))" } ?? ""
      switch entry.state {
      case .cached:
        counts.cached += 1
        text += "cached      \(entry.name)\n"
      case .wouldRun(let why):
        counts.run += 1
        text += "would run   \(entry.name)\(time)\(work): \(why)\n"
      case .waits(let nodes):
        counts.waits += 1
        text +=
          "waits       \(entry.name)\(time)\(work.isEmpty ? "" : work + " each"): for \(nodes.joined(separator: ", "))\n"
      case .impossible(let why):
        counts.impossible += 1
        text += "impossible  \(entry.name): \(why)\n"
      }
    }
    for output in plan.outputs {
      switch output.state {
      case .right: break
      case .wouldWrite: text += "would write \(output.path)\n"
      case .waits(let node): text += "waits       \(output.path): for \(node)\n"
      case .orphan:
        text += "left over   \(output.path): no output is called so any more; 'reel clean' removes it\n"
      }
    }
    text += "\(counts.run) would run, \(counts.waits) wait, \(counts.cached) cached"
    text += counts.impossible > 0 ? ", \(counts.impossible) impossible\n" : "\n"
    return text + words(of: plan.estimate(jobs: jobs), jobs: jobs)
  }

  /// `about 3 min at -j2, and up to about 40 s more for what waits; 2 without history`.
  private static func words(of estimate: Plan.Estimate, jobs: Int) -> String {
    let running = approximately(estimate.running).map { "\($0) at -j\(jobs)" }
    let waiting = approximately(estimate.waiting).map {
      running == nil ? "up to \($0) for what waits" : "and up to \($0) more for what waits"
    }
    let parts = [running, waiting].compactMap { $0 }
    guard !parts.isEmpty else { return "" }
    let unknown = estimate.unknown > 0 ? "; \(estimate.unknown) without history" : ""
    return parts.joined(separator: ", ") + unknown + "\n"
  }

  /// `1.2 GB, 3.4 TFLOP`.
  private static func words(of estimate: ActionEstimate) -> String {
    let gigas = estimate.operations / 1e9
    let (number, unit) = gigas < 1000 ? (gigas, "GFLOP") : (gigas / 1000, "TFLOP")
    let tenths = Int(min(number * 10, 1e15).rounded())
    let digits = tenths < 1000 ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
    return "\(estimate.memorySize) and \(digits) \(unit)"
  }

  /// `about 12 s`; `nil` for less than half a second, which nobody plans for.
  private static func approximately(_ seconds: Double) -> String? {
    let whole = Int(min(seconds, 1e9).rounded())
    switch whole {
    case 0: return nil
    case ..<100: return "about \(whole) s"
    case ..<6_000: return "about \((whole + 30) / 60) min"
    default: return "about \((whole + 1_800) / 3_600) h"
    }
  }
}
