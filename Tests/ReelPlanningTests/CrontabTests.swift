// The user's crontab: our block is added, replaced and removed; every other byte stays.

import ReelPlanning
import Testing

@Suite struct CrontabTests {
  private func campaign(
    _ name: String = "water", at times: String = "0 2 * * *", file: String = "/ads/campaign.yaml",
    options: [String] = [], environment: [ScheduledCampaign.Variable] = []
  ) throws -> ScheduledCampaign {
    ScheduledCampaign(
      name: name, times: try CronExpression(times), file: file, reel: "/opt/reel/bin/reel", options: options,
      environment: environment)
  }

  private func text(_ crontab: Crontab) throws -> String {
    String(decoding: try crontab.bytes(), as: UTF8.self)
  }

  @Test("a first campaign makes the block, after what was there") func first() throws {
    var crontab = try Crontab(Array("MAILTO=anna\n5 4 * * sun  backup %x\n".utf8))
    #expect(try crontab.add(campaign(options: ["--jobs=2"])) == nil)
    #expect(
      try text(crontab) == """
        MAILTO=anna
        5 4 * * sun  backup %x
        # >>> reel schedule >>> (kept by 'reel schedule'; edit outside of it)
        0 2 * * * /opt/reel/bin/reel schedule run --name water /ads/campaign.yaml -- --jobs=2
        # <<< reel schedule <<<

        """)
  }

  @Test(
    "adding and removing leaves every other byte alone",
    arguments: [
      [], Array("# a comment\n\n\t1 2 3 4 5 x\r\n".utf8), [0xff, 0xfe, 0x00, 0x0a], Array("\n\n".utf8),
    ] as [[UInt8]])
  func untouched(bytes: [UInt8]) throws {
    var crontab = try Crontab(bytes)
    _ = try crontab.add(campaign())
    var again = try Crontab(try crontab.bytes() + Array("9 9 * * * after\n".utf8))
    _ = try again.add(campaign("juice", file: "/ads/juice.yaml"))
    #expect(again.campaigns.map(\.name) == ["water", "juice"])
    #expect(again.remove { _ in true }.count == 2)
    #expect(try again.bytes() == bytes + Array("9 9 * * * after\n".utf8))
  }

  @Test("adding the same name again replaces its line; another name for a file is another schedule")
  func replace() throws {
    var crontab = try Crontab([])
    _ = try crontab.add(campaign())
    _ = try crontab.add(campaign("juice", file: "/ads/juice.yaml"))
    let once = try text(crontab)
    #expect(try crontab.add(campaign())?.name == "water")
    #expect(try text(crontab) == once)
    #expect(try crontab.add(campaign(at: "@daily"))?.times.description == "0 2 * * *")
    #expect(try crontab.add(campaign("soda", options: ["--define=market=jp"])) == nil)
    #expect(crontab.campaigns.map(\.name) == ["water", "juice", "soda"])
  }

  @Test(
    "what cron and the shell would read otherwise is quoted, and read back",
    arguments: [
      "/ads/50% off/campaign.yaml", "/ads/it's/a \"b\" $HOME `x`.yaml", "/ads/back\\%slash\\",
      "/ads/حملة/#1 ~.yaml",
      "/ads/%%.yaml",
    ])
  func quoting(file: String) throws {
    let variables = [ScheduledCampaign.Variable(name: "REEL_PLUGINS", value: "/my plugins:/100%")]
    let given = try campaign(file: file, options: ["--define=x=a b%"], environment: variables)
    var crontab = try Crontab([])
    _ = try crontab.add(given)
    #expect(try Crontab(try crontab.bytes()).campaigns == [given])
  }

  @Test("a percent sign stands outside the quotes, behind a backslash") func percent() throws {
    var crontab = try Crontab([])
    _ = try crontab.add(campaign(file: "/ads/50% off.yaml"))
    #expect(try text(crontab).contains("--name water '/ads/50'\\%' off.yaml'\n"))
  }

  @Test("a line in the block that is not ours is kept") func foreignLine() throws {
    var crontab = try Crontab([])
    _ = try crontab.add(campaign())
    let edited = try text(crontab).replacing("# <<<", with: "1 1 * * * mine\n# <<<")
    var again = try Crontab(Array(edited.utf8))
    #expect(again.remove { $0.name == "water" }.count == 1)
    #expect(try text(again).contains("\n1 1 * * * mine\n# <<<"))
  }

  @Test(
    "a block without its pair of marks is refused",
    arguments: [
      "# >>> reel schedule >>>\n", "# <<< reel schedule <<<\n",
      "# <<< reel schedule <<<\n# >>> reel schedule >>>\n",
      "# >>> reel schedule >>>\n# >>> reel schedule >>>\n# <<< reel schedule <<<\n",
    ])
  func broken(text: String) {
    #expect(throws: CrontabError.brokenBlock) { try Crontab(Array(text.utf8)) }
  }

  @Test("a name belongs to one file") func nameTaken() throws {
    var crontab = try Crontab([])
    _ = try crontab.add(campaign())
    let error = #expect(throws: CrontabError.self) { try crontab.add(campaign(file: "/other.yaml")) }
    #expect(
      error?.description
        == "schedule 'water' is of another campaign, /ads/campaign.yaml; give this one a name of its own with --name"
    )
  }

  @Test("a command that no line can hold is refused") func unwritable() throws {
    var crontab = try Crontab([])
    #expect(throws: CrontabError.newline(file: "/a\nb")) { try crontab.add(campaign(file: "/a\nb")) }
    let long = "/" + String(repeating: "a", count: 990)
    #expect(throws: CrontabError.tooLong(file: long, length: 1036, limit: 998)) {
      try crontab.add(campaign(file: long))
    }
    #expect(crontab.campaigns.isEmpty)
  }

  @Test("names fit in a file name") func names() {
    #expect(ScheduledCampaign.isName("sparkling-water_2.1"))
    for name in ["", "-x", ".x", "a/b", "a b", "ä", String(repeating: "a", count: 65)] {
      #expect(!ScheduledCampaign.isName(name))
    }
  }
}
