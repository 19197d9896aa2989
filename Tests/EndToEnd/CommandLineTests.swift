// The command line as people meet it: help, misspelt words, missing files, exit codes.

import Glibc
import ReelJSON
import Testing

@Suite struct CommandLineTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign())
  }

  @Test("every command has help with an example that names it") func help() throws {
    let overview = try workspace.reel("--help")
    #expect(overview.status == 0)
    let commands = overview.output.split(separator: "\n").drop { $0 != "commands:" }.dropFirst()
      .prefix { $0.hasPrefix("  ") }.map { line in
        line.split(separator: " ", omittingEmptySubsequences: false).dropFirst(2).prefix { !$0.isEmpty }
          .map(String.init)
      }
    #expect(commands.count > 10)
    for command in commands {
      let help = try workspace.start(command + ["--help"]).wait()
      #expect(help.status == 0)
      let name = "reel " + command.joined(separator: " ")
      #expect(help.output.hasPrefix(name + ": "))
      let examples = try #require(help.output.split(separator: "examples:\n").last)
      #expect(examples.split(separator: "\n").allSatisfy { $0.contains(name) }, "\(examples)")
    }
  }

  @Test("every command that tells something can tell it as JSON") func json() throws {
    let overview = try workspace.reel("--help").output.split(separator: "\n")
    let commands = overview.drop { $0 != "commands:" }.dropFirst().prefix { $0.hasPrefix("  ") }.map { line in
      line.dropFirst(2).split(separator: "  ")[0].split(separator: " ").map(String.init)
    }
    // These change something, or print what a program of its own reads.
    let others: Set = [
      "clean", "schedule add", "schedule remove", "schedule run", "init", "completions", "schema",
      "models random",
    ]
    for command in commands where !others.contains(command.joined(separator: " ")) {
      let help = try workspace.start(command + ["--help"]).wait().output
      #expect(help.contains("--json"), "\(command)")
    }
  }

  @Test("the graph in every language: dot by variant, and one box a node where that is asked for")
  func graph()
    throws
  {
    #expect(try workspace.reel("graph").output.hasPrefix("digraph \"fast\" {\n"))
    #expect(try workspace.reel("graph", "--format=mermaid").output.contains("\nflowchart LR\n"))
    #expect(try workspace.reel("graph", "--format", "svg", "--by-node").output.hasPrefix("<svg "))
    let json = try JSON(parsing: try workspace.reel("graph", "--format", "json").output)
    #expect(json["nodes"]?.array?.count == 3)
    #expect(try workspace.reel("graph", "--json").output == json.indentedText)
  }

  @Test(
    "a wrong command line is told with what was meant, and runs nothing",
    arguments: [
      (["buld"], "reel: unknown command 'buld'; did you mean 'build'?"),
      (["frobnicate"], "reel: unknown command 'frobnicate'; 'reel --help' lists them"),
      (["build", "--jbos", "4"], "reel build: unknown option '--jbos'; did you mean '--jobs'?"),
      (["build", "-j"], "reel build: option '-j' wants a value: -j N"),
      (["build", "-j0"], "reel build: option '--jobs' wants a whole number from 1 to 1024, found '0'"),
      (["build", "-D", "seed"], "reel build: option '--define' wants NAME=VALUE, found 'seed'"),
      (["build", "--quiet=yes"], "reel build: option '--quiet' takes no value"),
      (["build", "-C", "nowhere"], "reel build: option '--directory' wants a folder, found 'nowhere'"),
      (["build", "-f", ""], "reel build: option '--file' wants a value, found ''"),
      (["plan", "--until="], "reel plan: option '--until' wants a value, found ''"),
      (["init", ""], "reel init: FOLDER wants a value, found ''"),
      (["explain"], "reel explain: wants a NODE[@VARIANT][#SHOT]"),
      (["schema", "spot"], "reel schema: unexpected 'spot'"),
      (
        ["graph", "--format", "sgv"],
        "reel graph: option '--format' wants dot, mermaid, json or svg, found 'sgv'; did you mean 'svg'?"
      ),
      (
        ["graph", "--by-node", "--by-variant"],
        "reel graph: options '--by-node' and '--by-variant' exclude each other"
      ),
      (["build", "-d", "all"], "reel build: option '--debug' wants stats or explain, found 'all'"),
      (
        ["completions", "csh"],
        "reel completions: SHELL wants bash, zsh or fish, found 'csh'; did you mean 'zsh'?"
      ),
      (
        ["init", "--plugin", "SoftFocus"],
        "reel init: option '--plugin' wants lower-case words joined by hyphens, such as soft-focus, "
          + "found 'SoftFocus'"
      ),
      (["stages", "shot-wrok"], "unknown stage 'shot-wrok'; did you mean 'shot-work'?"),
      (["build", "-f", "none.yaml"], "none.yaml: does not exist"),
      (["build", "-f", "/dev/null"], "/dev/null: is no regular file"),
      (["plan", "work@"], "work@: wanted a row after 'work@', found nothing"),
      (["plan", "nothere"], "nothere: no node or output is called 'nothere'"),
      (["build", "--plugins", "nowhere"], "reel build: option '--plugins' wants a folder, found 'nowhere'"),
      (
        ["build", "--json", "nowhere/a.json"],
        "reel build: option '--json' wants a file in a folder that is there, found 'nowhere/a.json'"
      ),
      (
        ["build", "--trace", "renders/"],
        "reel build: option '--trace' wants a file in a folder that is there, found 'renders/'"
      ),
    ] as [([String], String)])
  func wrong(words: [String], message: String) throws {
    let finished = try workspace.start(words).wait()
    #expect(finished.status == 2)
    #expect(finished.errors == message + "\n")
    #expect(!workspace.exists("renders") && !workspace.exists(".reel"))
  }

  @Test("without a campaign.yaml the pipeline must be named") func noPipeline() throws {
    let empty = try Workspace()
    let finished = try empty.reel("build")
    #expect(finished.status == 2)
    #expect(finished.errors == "reel build: no campaign.yaml in this folder; name a pipeline with -f FILE\n")
    #expect(try names(in: empty.path) == [])
  }

  @Test("-C and -f from another folder find the same store and deliver to the same place") func folders()
    throws
  {
    #expect(try workspace.reel("build").status == 0)
    let elsewhere = try Workspace()
    elsewhere.plugins = workspace.plugins
    for options in [["-C", workspace.path], ["-f", workspace.path + "/campaign.yaml"]] {
      let finished = try elsewhere.start(["build"] + options).wait()
      #expect(finished.status == 0)
      #expect(finished.output.contains(": 0 ran, 5 cached, 0 failed, 0 skipped; 1 output, 0 written\n"))
    }
    #expect(try names(in: elsewhere.path) == [])
  }

  @Test("--quiet says nothing; plan, explain, show, graph and stages write nothing to the disk")
  func reading() throws {
    for words in [["plan"], ["explain", "work#2"], ["show"], ["graph"], ["stages"], ["build", "-n"]] {
      let finished = try workspace.start(words).wait()
      #expect(finished.status == 0, "\(words) \(finished)")
      #expect(!finished.output.isEmpty)
    }
    #expect(try names(in: workspace.path) == ["campaign.yaml"])
    let quiet = try workspace.reel("build", "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
  }

  @Test("plan and explain tell what changed, and that the rest waits") func plan() throws {
    #expect(try workspace.reel("build").status == 0)
    try workspace.edit("campaign.yaml", "text: hello", to: "text: howdy")
    #expect(
      try workspace.reel("plan").output == """
        cached      shots
        would run   work#1: parameter 'text' changed from 'hello' to 'howdy'
        would run   work#2: parameter 'text' changed from 'hello' to 'howdy'
        would run   work#3: parameter 'text' changed from 'hello' to 'howdy'
        waits       film: for work
        waits       renders/fast.txt: for film
        3 would run, 1 wait, 1 cached

        """)
    let lines = try workspace.reel("explain", "work#2").output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.first == "work#2 (shot-work)")
    #expect(lines.last == "  parameter 'text' changed from 'hello' to 'howdy'")
    let json = try JSON(parsing: try workspace.reel("plan", "--json").output)
    #expect(
      json.array?.map { $0["state"]?.string } == [
        "cached", "would run", "would run", "would run", "waits", "waits",
      ])
  }

  @Test("a shot that a node does not have is told with those that it has") func unknownShot() throws {
    #expect(try workspace.reel("build").status == 0)
    let finished = try workspace.reel("explain", "work#7")
    #expect(finished.status == 2)
    #expect(
      finished.errors == "reel explain: 'work' has no shot or run of frames '7'; it has '1', '2', '3'\n")
    #expect(
      try workspace.reel("explain", "film#1").errors
        == "reel explain: 'film' has no shot or run of frames '1'; it is made whole: leave '#1' away\n")
  }

  @Test("of a shot that is not known yet it is told what must run first") func waitingShot() throws {
    #expect(
      try workspace.reel("explain", "work#7").output
        == "work (shot-work)\n  not known until these have run: shots\n")
  }

  @Test(
    "records and traces take the place of their like, never of another file; pipes and links are written to")
  func recordFiles() throws {
    let campaign = try workspace.text("campaign.yaml")
    for option in ["--json", "--trace"] {
      let finished = try workspace.reel("build", option, "campaign.yaml")
      #expect(finished.status == 2)
      #expect(
        finished.errors
          == "reel build: option '\(option)' wants a new file, or one that it wrote before; another file is there, "
          + "found 'campaign.yaml'\n")
    }
    #expect(try workspace.text("campaign.yaml") == campaign && !workspace.exists("renders"))
    try workspace.write("there.json", "")
    try #require(symlink("there.json", workspace.path + "/link.json") == 0)
    for _ in 0..<2 {
      #expect(try workspace.reel("build", "--json", "link.json", "--trace", "trace.json").status == 0)
      #expect(try JSON(parsing: workspace.text("there.json"))["actions"] != nil)
    }
    #expect(try JSON(parsing: workspace.text("trace.json"))["traceEvents"] != nil)
    #expect(try workspace.reel("build", "--trace", "there.json").status == 2)
    #expect(try workspace.reel("build", "--json", "a", "--trace", "a").status == 2)
    #expect(try workspace.reel("build", "--trace", "/dev/null").status == 0)
    let piped = try Running(
      "/bin/sh",
      ["-c", "'\(Built.reel)' build -q --plugins '\(FastStages.folder())' --json /dev/stdout | cat"],
      in: workspace.path
    ).wait()
    #expect(try JSON(parsing: piped.output)["actions"] != nil)
  }

  @Test("a folder of plugins that is not there is told") func missingPluginFolder() throws {
    try workspace.edit("campaign.yaml", "stages:", to: "plugins: [plg]\nstages:")
    #expect(
      try workspace.reel("plan").errors
        == "campaign.yaml:3:11: 'plugins': wanted a folder, found 'plg', which is none\n")
  }

  @Test("a pipeline's own folders of plugins count for its list of stages and its schema")
  func stagesOfPipeline() throws {
    let folder = try FastStages.folder()
    workspace.plugins = []
    #expect(try !workspace.reel("stages").output.contains("shot-work"))
    // Whatever else is wrong with it.
    try workspace.write(
      "more/other.yaml", "reel: 1\nplugins: ['\(folder)']\nstages: {a: {stage: nonsense}}\n")
    #expect(try workspace.reel("stages", "-f", "more/other.yaml").output.contains("\nshot-work "))
    #expect(try workspace.reel("schema", "-C", "more", "-f", "other.yaml").output.contains("\"shot-work\""))
    #expect(
      try workspace.reel("stages", "-f", "none.yaml").errors
        == "reel stages: option '--file' wants a pipeline, found 'none.yaml'\n")
    try workspace.edit("campaign.yaml", "stages:", to: "plugins: ['\(folder)']\nstages:")
    #expect(try workspace.reel("stages", "shot-work").status == 0)
  }

  @Test(
    "a folder is no pipeline, and its parent's store is not meant",
    arguments: ["clean --store", "cache stats", "cache gc", "cache verify", "history", "stages", "schema"])
  func folderForPipeline(command: String) throws {
    #expect(try workspace.reel("build").status == 0)
    try workspace.write("more/note.txt", "")
    let words = command.split(separator: " ").map(String.init)
    let run = try Running(Built.reel, words + ["-f", "more"], in: workspace.path).wait()
    #expect(
      run.status == 2 && run.errors.hasSuffix(": option '--file' wants a pipeline, found 'more'\n"), "\(run)")
    #expect(access(workspace.path + "/.reel/index.sqlite", F_OK) == 0)
  }

  @Test("few file descriptors end a build with a word, and leave nothing behind") func fewDescriptors() throws
  {
    #expect(try workspace.reel("build").status == 0)
    for limit in 5...14 {
      let build = try Running(
        "/bin/sh",
        ["-c", "ulimit -n \(limit); exec '\(Built.reel)' build -B --plugins '\(FastStages.folder())'"],
        in: workspace.path
      ).wait()
      #expect(build.status == 1, "\(limit): \(build)")
      #expect(
        build.errors.contains("too many open files") || build.errors.contains("unable to open database file"),
        "\(limit): \(build)")
      #expect(try names(in: workspace.path + "/.reel/tmp").count <= limit)
    }
    // The next run takes away what could not be.
    #expect(try workspace.reel("build", "-B").status == 0)
    #expect(try names(in: workspace.path + "/.reel/tmp") == [])
  }

  @Test("a level of instructions that the machine lacks ends nothing in the middle") func wrongCPU() throws {
    let finished = try workspace.reel("build", environment: ["REEL_CPU": "bogus"])
    #expect(finished.status == 2)
    #expect(
      finished.errors.hasPrefix(
        "reel build: REEL_CPU: 'bogus' is no level of this machine, which has baseline"))
    #expect(!workspace.exists(".reel"))
  }

  @Test("help about a command is its help") func helpCommand() throws {
    let help = try workspace.reel("help", "build")
    #expect(help.status == 0)
    #expect(help.output == (try workspace.reel("build", "--help").output))
  }

  @Test("standard output that takes nothing is a failure, a reader that has gone away is none")
  func fullOutput() throws {
    func shell(_ command: String) throws -> Finished {
      try Running("/bin/sh", ["-c", command], in: workspace.path).wait()
    }
    let full = try shell("'\(Built.reel)' --help > /dev/full")
    #expect(full.status == 1)
    #expect(full.errors == "standard output: cannot write: no space left on device\n")
    #expect(try shell("{ '\(Built.reel)' --help; echo $? >&2; } | true").errors.count <= 4)
  }

  @Test("plan tells which outputs would be written and which are left over; clean removes these too")
  func outputs() throws {
    #expect(try workspace.reel("plan").output.contains("waits       renders/fast.txt: for film\n"))
    #expect(try workspace.reel("build").status == 0)
    #expect(try workspace.reel("plan").output.hasSuffix("cached      film\n0 would run, 0 wait, 5 cached\n"))
    try workspace.edit("campaign.yaml", "renders/${name}.txt", to: "renders/new.txt")
    #expect(
      try workspace.reel("build", "-n").output.hasSuffix(
        """
        would write renders/new.txt
        left over   renders/fast.txt: no output is called so any more; 'reel clean' removes it
        0 would run, 0 wait, 5 cached

        """))
    #expect(try workspace.reel("clean").output == "removed renders/fast.txt\n")
  }

  @Test("of two campaigns in one folder, each has its own outputs; those of one that is gone are both's")
  func twoCampaigns() throws {
    try workspace.write(
      "other.yaml", fastCampaign(text: "other").replacing("name: fast", with: "name: other"))
    #expect(try workspace.reel("build").status == 0)
    #expect(try workspace.reel("build", "-f", "other.yaml").status == 0)
    #expect(!(try workspace.reel("plan").output.contains("left over")))
    #expect(!(try workspace.reel("plan", "-f", "other.yaml").output.contains("left over")))
    #expect(try workspace.reel("clean").output == "removed renders/fast.txt\n")
    #expect(try workspace.text("renders/other.txt") == fastFilm(text: "other"))
    try #require(unlink(workspace.path + "/other.yaml") == 0)
    #expect(try workspace.reel("plan").output.contains("left over   renders/other.txt"))
    #expect(try workspace.reel("clean").output == "removed renders/other.txt\n")
  }

  @Test("a target is built alone, with what it needs") func target() throws {
    #expect(try workspace.buildAndListRun("work") == ["shots", "work#1", "work#2", "work#3"])
    #expect(!workspace.exists("renders"))
    #expect(try workspace.buildAndListRun("renders/fast.txt") == ["film"])
    #expect(try workspace.text("renders/fast.txt") == fastFilm())
  }

  @Test("clean takes the outputs away, but not what somebody changed; --store the results too") func clean()
    throws
  {
    #expect(try workspace.reel("build").status == 0)
    #expect(try workspace.reel("clean").output == "removed renders/fast.txt\n")
    #expect(!workspace.exists("renders/fast.txt"))
    #expect(try workspace.buildAndListRun() == [])
    try workspace.write("renders/fast.txt", "mine now")
    #expect(
      try workspace.reel("clean", "--store").output == """
        left renders/fast.txt: it was changed after it was written
        removed .reel

        """)
    #expect(try workspace.text("renders/fast.txt") == "mine now")
    #expect(!workspace.exists(".reel"))
  }

  @Test("an output that cannot be made of its artifact fails the build, and says why") func unusableOutput()
    throws
  {
    try workspace.edit("campaign.yaml", "renders/${name}.txt: film", to: "shots.json: shots")
    let finished = try workspace.reel("build")
    #expect(finished.status == 1)
    #expect(finished.errors == "shots.json: a shot is no JSON object\n")
    #expect(!workspace.exists("shots.json"))
  }
}
