// `reel explain`: what an action's key is made of, and what changed since it was last run.

import Glibc
import ReelExecution
import ReelPlanning
import ReelStage

/// Prints, for the actions of a node, the difference to the nearest earlier action.
enum ExplainCommand: Command {
  static let name = "explain"
  static let summary = "tell what changed for a node's actions since they were last run"
  static let operands = Operands.one("NODE[@VARIANT][#SHOT]")
  static let options = Option.campaign + [Option.json]
  static let examples = [
    "reel explain footage", "reel explain 'branded@market=ae,format=9x16'", "reel explain 'footage#2' --json",
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let campaign = try arguments.campaignToRead()
    let words = arguments.operands[0].split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let (target, shot) = (String(words[0]), words.count == 2 ? String(words[1]) : nil)
    let selection = try campaign.graph.selection(of: [target])
    // The selection ends with what was named; what it needs comes before.
    let readers = Set(selection.nodes.flatMap { campaign.graph.nodes[$0].inputs.values.joined().map(\.node) })
    let named = Set(selection.nodes.filter { !readers.contains($0) }.map { campaign.graph.nodes[$0].name })
    let own = try Plan(campaign, selection: selection).entries.filter { entry in
      named.contains(entry.name.node + (entry.name.variant.isEmpty ? "" : "@" + entry.name.variant))
    }
    let entries = own.filter { shot == nil || $0.name.span == nil || $0.name.span == shot }
    if let shot, entries.isEmpty {
      var known: [String] = []
      for span in own.compactMap(\.name.span) where !known.contains(span) { known.append(span) }
      throw UsageError.unknownShot(shot, of: target, known: known)
    }
    if arguments.has("json") {
      let list = try entries.map { try json(of: $0, campaign) }
      Reel.write(JSON.array(list).indentedText, to: STDOUT_FILENO)
    } else {
      for entry in entries { Reel.show(try text(of: entry, campaign)) }
    }
    return .done
  }

  private static func text(of entry: Plan.Entry, _ campaign: Campaign) throws -> String {
    var lines = ["\(entry.name) (\(entry.stage))"]
    switch entry.state {
    case .cached: lines.append("in the store")
    case .wouldRun: lines.append("would run")
    case .waits(let nodes): lines.append("not known until these have run: \(nodes.joined(separator: ", "))")
    case .impossible(let why): lines.append(why)
    }
    if let action = entry.action {
      lines.append("key \(action.record.key)")
      if let changes = try campaign.changes(of: action) {
        lines += changes.isEmpty ? ["nothing changed since it was last run"] : changes.map(\.description)
      } else {
        lines.append("never run before")
      }
    }
    return lines.joined(separator: "\n  ") + "\n"
  }

  private static func json(of entry: Plan.Entry, _ campaign: Campaign) throws -> JSON {
    guard case .object(var members) = entry.json else { return entry.json }
    if let action = entry.action {
      members["made_of"] = action.record.explanation
      members["changes"] = try campaign.changes(of: action).map { .array($0.map { .string($0.description) }) }
    }
    return .object(members)
  }
}
