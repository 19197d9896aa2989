// `reel schedule`: what it writes into a crontab and what it says, with a crontab(1) that keeps its text in a file.

import Glibc
import ReelJSON
import Testing

@Suite struct ScheduleTests {
  private let workspace: Workspace
  private let campaign: String
  private let plugins: String

  init() throws {
    workspace = try Workspace()
    campaign = workspace.path + "/water/campaign.yaml"
    plugins = try FastStages.folder()
    try workspace.write("water/campaign.yaml", fastCampaign())
    try workspace.write(
      "bin/crontab",
      """
      #!/bin/sh
      tab='\(workspace.path)/tab'
      case $1 in
      -l) cat "$tab" 2>&- || { echo 'no crontab for tester' >&2; exit 1; } ;;
      -r) rm "$tab" ;;
      -) cat >"$tab" ;;
      esac

      """)
    try workspace.makeExecutable("bin/crontab")
  }

  private func schedule(_ arguments: String..., path: String? = nil) throws -> Finished {
    let path = path ?? "\(workspace.path)/bin:/usr/bin:/bin"
    return try workspace.start(
      ["schedule"] + arguments,
      environment: ["PATH": path, "REEL_MODELS": "", "REEL_PLUGINS": plugins, "TZ": "UTC"]
    ).wait()
  }

  @Test("adds a campaign below what was there, and says so") func add() throws {
    try workspace.write("tab", "MAILTO=anna\n")
    let added = try schedule("add", "--at", "@daily", "water/campaign.yaml")
    #expect(added.status == 0)
    #expect(added.output.hasPrefix("added: water, @daily, next "))
    #expect(added.output.hasSuffix(" 00:00, \(campaign)\n"))
    #expect(
      try workspace.text("tab") == """
        MAILTO=anna
        # >>> reel schedule >>> (kept by 'reel schedule'; edit outside of it)
        @daily REEL_PLUGINS=\(plugins) \(Built.reel) schedule run --name water \(campaign)
        # <<< reel schedule <<<

        """)
  }

  @Test("passes build's options on, folders by their absolute paths") func options() throws {
    let added = try schedule("add", "--at", "@daily", "-k", "-j2", "--plugins", "water", campaign)
    #expect(added.status == 0, "\(added)")
    #expect(
      try workspace.text("tab").contains(
        "\(campaign) -- --plugins=\(workspace.path)/water --jobs=2 --keep-going\n"))
  }

  @Test("adding it again changes nothing, or its times") func again() throws {
    _ = try schedule("add", "--at", "@daily", "water/campaign.yaml")
    let once = try workspace.text("tab")
    #expect(try schedule("add", "--at", "@daily", campaign).output.hasPrefix("unchanged: water, "))
    #expect(try workspace.text("tab") == once)
    #expect(try schedule("add", "--at", "0 3 * * *", campaign).output.hasPrefix("changed: water, "))
    #expect(try workspace.text("tab") == once.replacing("@daily", with: "0 3 * * *"))
  }

  @Test("removing gives the crontab back byte for byte", arguments: ["water", "water/campaign.yaml"])
  func remove(word: String) throws {
    let before: [UInt8] = Array("# caf\u{e9}\n\n".utf8) + [0xff, 0x0a]
    try workspace.write("tab", before)
    _ = try schedule("add", "--at", "@daily", campaign)
    let removed = try schedule("remove", word)
    #expect(removed.output == "removed: water, \(campaign)\n")
    #expect(try workspace.bytes("tab") == before)
  }

  @Test("removing the only line of a crontab removes the crontab") func removeLast() throws {
    _ = try schedule("add", "--at", "@daily", campaign)
    #expect(try schedule("remove", "water").status == 0)
    #expect(!workspace.exists("tab"))
  }

  @Test("a file that is gone can be taken off; one file can have two schedules") func twoNames() throws {
    _ = try schedule("add", "--at", "@daily", campaign)
    let second = try schedule("add", "--at", "@hourly", "--name", "n3", "-D", "name=other", campaign)
    #expect(second.status == 2, "a variable that the pipeline lacks is told")
    #expect(try schedule("add", "--at", "@hourly", "--name", "n3", campaign).output.hasPrefix("added: n3, "))
    #expect(unlink(campaign) == 0)
    #expect(
      try schedule("remove", "water/campaign.yaml").output
        == "removed: water, \(campaign)\nremoved: n3, \(campaign)\n")
  }

  @Test("lists what is scheduled") func list() throws {
    #expect(try schedule("list").output == "nothing is scheduled; 'reel schedule add' does that\n")
    _ = try schedule("add", "--at", "@reboot", "--name", "soda", campaign)
    #expect(
      try schedule("list").output == """
        soda
          file  \(campaign)
          when  @reboot, next when the machine starts
          last  not run yet
          log   \(workspace.path)/water/.reel/log/schedule.log

        """)
    let json = try JSON(parsing: try schedule("list", "--json").output).array?.first
    #expect(json?["name"]?.string == "soda")
    #expect(json?["at"]?.string == "@reboot")
    #expect(json?["file"]?.string == campaign)
  }

  @Test("what it cannot do, it says, and changes nothing") func refusals() throws {
    func expect(_ arguments: String..., error: String, status: Int32 = 2) throws {
      let finished = try workspace.start(
        ["schedule"] + arguments,
        environment: ["PATH": "\(workspace.path)/bin:/usr/bin:/bin", "REEL_PLUGINS": plugins]
      ).wait()
      #expect(finished.status == status)
      #expect(finished.errors == error + "\n")
    }
    try expect("add", campaign, error: "reel schedule add: wants --at TIMES")
    try expect(
      "add", "--at", "0 25 * * *", campaign,
      error: "reel schedule add: option '--at': hour '25': wanted a number from 0 to 23, found '25'")
    try expect(
      "add", "--at", "-1 * * * *", campaign,
      error: "reel schedule add: option '--at': minute '-1': wanted a number from 0 to 59, found '-1'")
    try workspace.write("water/wrong.yaml", fastCampaign().replacing("text:", with: "txet:"))
    try expect(
      "add", "--at", "@daily", "water/wrong.yaml",
      error: "water/wrong.yaml:9:7: unknown parameter 'txet' for stage 'shot-work'; did you mean 'text'?")
    try expect("add", "--at", "@daily", "none.yaml", error: "none.yaml: no such file")
    try expect(
      "add", "--at", "@daily", "--name", "a b", campaign,
      error:
        "'a b' cannot name a schedule; wanted up to 64 letters, digits, '.', '_' and '-': give one with --name"
    )
    try expect("remove", "water", error: "no campaign 'water' is scheduled")
    #expect(!workspace.exists("tab"))
    try workspace.write("tab", "# >>> reel schedule >>>\n")
    try expect(
      "list",
      error:
        "crontab: the marks '# >>> reel schedule >>>' and '# <<< reel schedule <<<' are not one pair in this "
        + "order; mend them with 'crontab -e'")
  }

  @Test("without cron, or where crontab fails, it says so") func noCron() throws {
    let missing = try schedule("list", path: "/nowhere")
    #expect(missing.errors == "crontab: no such program; install Debian's package 'cron'\n")
    #expect(missing.status == 1)
    try workspace.write(
      "bin/crontab", "#!/bin/sh\necho 'You are not allowed to use this program' >&2\nexit 1\n")
    let refused = try schedule("list")
    #expect(refused.errors == "'crontab -l' failed: You are not allowed to use this program\n")
    #expect(refused.status == 1)
  }
}
