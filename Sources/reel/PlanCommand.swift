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
  static let options = Option.campaign + [Option.json]
  static let examples = ["reel plan", "reel plan -f ads/campaign.yaml spot@market=us --json"]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let campaign = try arguments.campaignToRead()
    let plan = try Plan(campaign, selection: try campaign.graph.selection(of: arguments.operands))
    if arguments.has("json") {
      let list = plan.entries.map(\.json) + plan.outputs.map(\.json)
      Reel.write(JSON.array(list).indentedText, to: STDOUT_FILENO)
    } else {
      Reel.show(text(of: plan))
    }
    return .done
  }

  /// One line an action, one for each output that is not as wanted, then the counts.
  static func text(of plan: Plan) -> String {
    var counts = (cached: 0, run: 0, waits: 0, impossible: 0)
    var text = ""
    for entry in plan.entries {
      switch entry.state {
      case .cached:
        counts.cached += 1
        text += "cached      \(entry.name)\n"
      case .wouldRun(let why):
        counts.run += 1
        text += "would run   \(entry.name): \(why)\n"
      case .waits(let nodes):
        counts.waits += 1
        text += "waits       \(entry.name): for \(nodes.joined(separator: ", "))\n"
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
    return text + (counts.impossible > 0 ? ", \(counts.impossible) impossible\n" : "\n")
  }
}
