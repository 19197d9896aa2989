// The options that every command about a pipeline has.

import Glibc
import ReelExecution
import ReelPlanning

extension Option {
  static let file = Option(
    "file", "f", value: "FILE", help: "the pipeline; without it, campaign.yaml in the working folder")
  static let directory = Option("directory", "C", value: "DIR", help: "go to this folder first")
  static let define = Option("define", "D", value: "NAME=VALUE", help: "set a variable of the pipeline")
  static let plugins = Option("plugins", value: "DIR", help: "look for plugins here first")

  static let jobs = Option(
    "jobs", "j", value: "N", help: "run N actions at a time; without it, one for each core")
  static let until = Option("until", value: "NODE", help: "end with this node: only it and what it needs")
  static let onlyVariant = Option(
    "only-variant", value: "ROWS", help: "only what has these rows: market=us,format=9x16; may be repeated")

  /// What says which campaign is meant.
  static let campaign = [file, directory, define, plugins]

  /// What narrows the targets.
  static let selection = [until, onlyVariant]
}

extension Arguments {
  /// The campaign that the options name.
  func request() throws -> Campaign.Request {
    try enterDirectory()
    let file = value("file") ?? "campaign.yaml"
    guard has("file") || FileSystem.exists(file) else { throw UsageError.noPipeline }
    return try request(file: file)
  }

  /// The campaign that the options name, for what does not read it.
  func requestForStore() throws -> Campaign.Request {
    let request = try request()
    try checkIsFile(request.file)
    return request
  }

  /// Refuses what is no file, and so no pipeline: the store of a folder is not beside it.
  private func checkIsFile(_ pipeline: String) throws {
    guard FileSystem.exists(pipeline), !FileSystem.isFolder(pipeline) else {
      throw UsageError.wrongValue(option: "--file", wanted: "a pipeline", found: pipeline)
    }
  }

  /// The campaign in `file`, with the variables and plugins that the options name.
  func request(file: String) throws -> Campaign.Request {
    let overrides = try values("define").map { definition in
      let sides = definition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty else {
        throw UsageError.wrongValue(option: "--define", wanted: "NAME=VALUE", found: definition)
      }
      return (name: String(sides[0]), value: String(sides[1]))
    }
    return Campaign.Request(file: file, overrides: overrides, pluginFolders: try pluginFolders())
  }

  /// The folders of `--plugins`, which must be there.
  func pluginFolders() throws -> [String] {
    let folders = values("plugins").flatMap { $0.split(separator: ":").map(String.init) }
    for folder in folders where !FileSystem.isFolder(folder) {
      throw UsageError.wrongValue(option: "--plugins", wanted: "a folder", found: folder)
    }
    return folders
  }

  /// The stages that a pipeline could use: the one that the options name, or any.
  func installedStages() throws -> InstalledStages {
    try enterDirectory()
    let file = value("file") ?? "campaign.yaml"
    if !has("file"), !FileSystem.exists(file) { return try InstalledStages(pluginFolders: pluginFolders()) }
    try checkIsFile(file)
    return try InstalledStages(pluginFolders: pluginFolders(), pipeline: file)
  }

  /// Goes where `-C` says.
  func enterDirectory() throws {
    guard let folder = value("directory") else { return }
    guard chdir(folder) == 0 else {
      throw UsageError.wrongValue(option: "--directory", wanted: "a folder", found: folder)
    }
  }

  /// How many actions run at a time.
  var jobs: Int { get throws(UsageError) { try integer("jobs", in: 1...1024) ?? availableCores } }

  /// The part of the graph that the operands and the options name.
  func selection(in graph: Graph) throws -> Selection { try graph.selection(of: targets) }

  /// What the operands and the options name.
  var targets: Targets {
    Targets(operands, until: values("until"), variants: values("only-variant"))
  }

  /// The campaign, to look at: nothing is written to its store.
  ///
  /// - Parameter asksStages: whether the stages look at the nodes' parameters.
  func campaignToRead(asksStages: Bool = true) throws -> Campaign {
    let campaign = try Campaign(try request(), asksStages: asksStages) { try Store(reading: $0) }
    Reel.tellOfLostIndex(campaign.store)
    return campaign
  }
}
