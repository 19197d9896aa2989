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
    let graph = campaign.graph
    let named = Set(try graph.nodes(named: target).map { graph.nodes[$0].name })
    let plan = try Plan(
      campaign, selection: try graph.selection(of: Targets([target])), asksForEstimates: false)
    let own = plan.entries.filter { named.contains($0.name.nodeName) }
    let entries = try shot.map { try Self.entries(of: own, shot: $0, target: target) } ?? own
    if arguments.has("json") {
      let list = try entries.map { try json(of: $0, campaign) }
      Reel.write(JSON.array(list).indentedText, to: STDOUT_FILENO)
    } else {
      for entry in entries { Reel.show(try text(of: entry, campaign)) }
    }
    return .done
  }

  /// Those of `shot`, and those that stand for a node whose shots are not known yet.
  private static func entries(of own: [Plan.Entry], shot: String, target: String) throws -> [Plan.Entry] {
    let spans = own.compactMap(\.name.span)
    let areKnown = Set(own.filter { $0.name.span != nil }.map(\.name.nodeName))
    let entries = own.filter { entry in
      if let span = entry.name.span { return span == shot }
      if case .waits = entry.state { return !areKnown.contains(entry.name.nodeName) }
      return false
    }
    guard entries.isEmpty else { return entries }
    var known: [String] = []
    for span in spans where !known.contains(span) { known.append(span) }
    throw UsageError.unknownShot(shot, of: target, known: known)
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
      lines += try campaign.explanation(of: action).map(Self.lines) ?? ["never run before"]
    }
    return lines.joined(separator: "\n  ") + "\n"
  }

  private static func json(of entry: Plan.Entry, _ campaign: Campaign) throws -> JSON {
    guard case .object(var members) = entry.json else { return entry.json }
    if let action = entry.action {
      members["made_of"] = action.record.explanation
      members["difference"] = try campaign.explanation(of: action)?.json
    }
    return .object(members)
  }

  private static func lines(of explanation: Explanation) -> [String] {
    var lines: [String] = []
    if case .nearest(let name) = explanation.earlier {
      lines.append(
        "never run by this name; compared with "
          + (name.map { "\($0), the nearest of its stage" } ?? "the nearest earlier action of its stage"))
    }
    if explanation.changes.isEmpty { lines.append("nothing changed since it was last run") }
    return lines + explanation.changes.flatMap(Self.lines)
  }

  /// The change in a line, the words that differ below it, then what it consists of.
  private static func lines(of change: Explanation.Change) -> [String] {
    let words = change.difference.map { difference in
      [WordLine(difference, isOld: true), WordLine(difference, isOld: false)].map {
        "  " + $0.text(isPainted: Terminal.hasColours)
      }
    }
    return [change.summary] + (words ?? []) + change.details.flatMap(Self.lines).map { "  " + $0 }
  }
}
