// How an unfinished command line can go on: worked out from the commands' declarations.

import ReelExecution
import ReelPlanning

/// What the shell may put in the place of the last word of a command line.
struct Completion {
  /// What the shell itself knows better.
  enum Kind: String { case words, files, folders }

  private(set) var kind = Kind.words
  /// Whole words that begin with the last one, each with a line of help, which may be empty.
  private(set) var candidates: [(word: String, help: String)] = []

  /// What comes before a value that is attached to its option: `--file=`.
  private var lead = ""
  /// The unfinished word.
  private let current: String

  /// - Parameter words: the command line after "reel", the last one unfinished or empty.
  init(of words: [String]) {
    current = words.last ?? ""
    let before = Array(words.dropLast())
    for length in [2, 1] where before.count >= length {
      let name = before.prefix(length).joined(separator: " ")
      if let command = Reel.commands.first(where: { $0.name == name }) {
        complete(after: Array(before.dropFirst(length)), of: command)
        break
      }
    }
    // "models" is a command, and the first word of "models verify".
    completeName(before)
    candidates = candidates.filter { $0.word.hasPrefix(current) }
  }

  /// The next word of a command's name.
  private mutating func completeName(_ before: [String]) {
    var seen: Set<String> = []
    for command in Reel.commands {
      let name = command.name.split(separator: " ").map(String.init)
      guard name.count > before.count, Array(name.prefix(before.count)) == before,
        seen.insert(name[before.count]).inserted
      else { continue }
      let isWhole = name.count == before.count + 1
      candidates.append((name[before.count], isWhole ? command.summary : name[before.count] + " …"))
    }
  }

  private mutating func complete(after words: [String], of command: any Command.Type) {
    let options = command.options + [.help]
    var given: [String: [String]] = [:]
    var operands = 0
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" { return suggest(command.operands.values, given) }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard
        let option = options.first(where: {
          "--" + $0.long == parts[0] || "-" + ($0.short.map(String.init) ?? "-") == word
        })
      else {
        if !word.hasPrefix("-") { operands += 1 }
        continue
      }
      guard option.value != nil else { continue }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        return suggest(option.values, given)
      }
      given[option.long, default: []].append(value)
    }
    if current.hasPrefix("--"), let equals = current.firstIndex(of: "=") {
      lead = String(current[...equals])
      let option = options.first { "--" + $0.long + "=" == lead }
      return suggest(option?.value == nil ? .anything : option!.values, given)
    }
    if current.hasPrefix("-") {
      candidates = options.map { ("--" + $0.long, $0.help) }
    } else if operands < command.operands.count.upperBound {
      suggest(command.operands.values, given)
    }
  }

  /// Looks up what a value can be, with the options that were given before it.
  private mutating func suggest(_ values: Values, _ given: [String: [String]]) {
    switch values {
    case .anything: break
    case .file: kind = .files
    case .folder: kind = .folders
    case .words(let words): candidates = words.map { (lead + $0, "") }
    case .stage:
      let folders = PluginFolders(given: given["plugins"] ?? [])
      candidates = folders.stages.map { (lead + $0, "") }
    case .target:
      guard let graph = Self.graph(given) else { return }
      let variants = graph.nodes.filter { !$0.variant.cells.isEmpty }.map { ($0.name, $0.stage) }
      let outputs = graph.outputs.map { ($0.path, graph.nodes[$0.source.node].name) }
      candidates = (graph.nodesByID + variants + outputs).map { (lead + $0.0, $0.1) }
    case .node: candidates = (Self.graph(given)?.nodesByID ?? []).map { (lead + $0.word, $0.help) }
    case .rows:
      // Rows that stand before the last comma stay.
      if let comma = current.lastIndex(of: ",") { lead = String(current[...comma]) }
      candidates = (Self.graph(given)?.rows ?? []).map { (lead + $0, "") }
    }
  }

  /// The campaign that the command line speaks of; none where it is wrong.
  private static func graph(_ given: [String: [String]]) -> Graph? {
    let words = Option.campaign.flatMap { option in
      (given[option.long] ?? []).map { "--\(option.long)=\($0)" }
    }
    return try? Arguments(words, for: PlanCommand.self).campaignToRead().graph
  }
}

extension Graph {
  /// The ids of nodes, each once, with their stages.
  fileprivate var nodesByID: [(word: String, help: String)] {
    var seen: Set<String> = []
    return nodes.filter { seen.insert($0.id).inserted }.map { ($0.id, $0.stage) }
  }

  /// The rows of axes that nodes have, each once: `market=us`.
  fileprivate var rows: [String] {
    var seen: Set<String> = []
    return nodes.flatMap(\.variant.cells).map { "\($0.axis)=\($0.row)" }.filter { seen.insert($0).inserted }
  }
}

/// Answers the shell.
enum CompleteCommand: Command {
  static let name = "complete"
  static let summary = "tell how a command line can go on: what the shells' completions ask"
  static let operands = Operands.any("WORD")
  static let options: [Option] = []
  static let examples = ["reel complete -- build --tr"]

  /// Prints the kind, then a line for each candidate: the word, a tab, help.
  static func run(_ arguments: Arguments) -> ExitCode {
    let completion = Completion(of: arguments.operands)
    let lines = completion.candidates.map { "\($0.word)\t\($0.help)\n" }
    Reel.write(completion.kind.rawValue + "\n" + lines.joined(), to: 1)
    return .done
  }
}
