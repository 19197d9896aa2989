// What a second build runs after each kind of change: only what the change touches.

import Glibc
import Testing

@Suite struct RebuildTests {
  private let workspace: Workspace
  private static let everything = ["film", "shots", "work#1", "work#2", "work#3"]

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign())
    try #require(try workspace.buildAndListRun() == Self.everything)
    try #require(try workspace.text("renders/fast.txt") == fastFilm())
  }

  @Test("a second build runs nothing, and leaves the film as it is") func nothingToDo() throws {
    let before = try workspace.identity(of: "renders/fast.txt")
    #expect(try workspace.buildAndListRun() == [])
    #expect(try workspace.records().map(\.status) == Array(repeating: "cached", count: 5))
    #expect(try workspace.identity(of: "renders/fast.txt") == before)
  }

  @Test("a changed parameter runs its node and what reads it; putting it back runs nothing") func parameter()
    throws
  {
    try workspace.edit("campaign.yaml", "text: hello", to: "text: howdy")
    #expect(try workspace.buildAndListRun() == ["film", "work#1", "work#2", "work#3"])
    #expect(try workspace.text("renders/fast.txt") == fastFilm(text: "howdy"))
    try workspace.edit("campaign.yaml", "text: howdy", to: "text: hello")
    #expect(try workspace.buildAndListRun() == [])
    #expect(try workspace.text("renders/fast.txt") == fastFilm())
  }

  @Test("a changed shot runs that shot alone") func shot() throws {
    try workspace.edit("campaign.yaml", "[a, b, c]", to: "[a, B, c]")
    #expect(try workspace.buildAndListRun() == ["film", "shots", "work#2"])
    #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: ["a", "B", "c"]))
  }

  @Test("a shot put in front moves the others, and runs alone") func newShot() throws {
    try workspace.edit("campaign.yaml", "[a, b, c]", to: "[z, a, b, c]")
    #expect(try workspace.buildAndListRun() == ["film", "shots", "work#1"])
    #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: ["z", "a", "b", "c"]))
  }

  @Test("comments, the order of keys, ids and a copied folder run nothing") func cosmetics() throws {
    try workspace.write(
      "campaign.yaml",
      """
      # The same campaign in other words.
      name: fast
      outputs: {"renders/${name}.txt": all}
      stages:
        all: {in: {frames: labour}, stage: shot-join}   # was film
        labour: {with: {seconds: 0.0, text: "hello"}, in: {prompts: list}, stage: shot-work}
        list:
          with:
            shots:
            - a
            - b
            - c
          stage: shot-list
      reel: 1

      """)
    #expect(try workspace.buildAndListRun() == [])
  }

  @Test("a file's content counts, not its name or time") func file() throws {
    try workspace.write("claim.txt", "fresh ")
    try workspace.edit("campaign.yaml", "seconds: 0.0", to: "file: claim.txt")
    #expect(try workspace.buildAndListRun() == ["film", "work#1", "work#2", "work#3"])
    try workspace.write("claim.txt", "fresh ")
    #expect(try workspace.buildAndListRun() == [])
    try workspace.write("other.txt", "fresh ")
    try workspace.edit("campaign.yaml", "claim.txt", to: "other.txt")
    #expect(try workspace.buildAndListRun() == [])
    try workspace.write("other.txt", "fizzy ")
    #expect(try workspace.buildAndListRun() == ["film", "work#1", "work#2", "work#3"])
  }

  @Test("an equal result stops the rebuild") func earlyCutoff() throws {
    // Another key for the same bytes: a second spent is not in the result.
    try workspace.edit("campaign.yaml", "seconds: 0.0", to: "seconds: 0.01")
    #expect(try workspace.buildAndListRun() == ["work#1", "work#2", "work#3"])
  }

  @Test("a lost film is put back without running anything") func lostOutput() throws {
    try #require(unlink(workspace.path + "/renders/fast.txt") == 0)
    #expect(try workspace.buildAndListRun() == [])
    #expect(try workspace.text("renders/fast.txt") == fastFilm())
  }

  @Test("a damaged film is put back without running anything") func damagedOutput() throws {
    try workspace.write("renders/fast.txt", "somebody wrote here")
    #expect(try workspace.buildAndListRun() == [])
    #expect(try workspace.text("renders/fast.txt") == fastFilm())
  }

  @Test("every blob of the store lost or damaged is noticed and made again", arguments: [true, false])
  func damagedStore(lost: Bool) throws {
    for folder in try names(in: workspace.path + "/.reel/blobs") {
      for blob in try names(in: "\(workspace.path)/.reel/blobs/\(folder)") {
        let name = ".reel/blobs/\(folder)/\(blob)"
        try #require(chmod("\(workspace.path)/\(name)", 0o644) == 0)
        if lost {
          try #require(unlink("\(workspace.path)/\(name)") == 0)
        } else {
          try workspace.write(name, "x")
        }
      }
    }
    try #require(unlink(workspace.path + "/renders/fast.txt") == 0)
    _ = try workspace.buildAndListRun("-B")
    #expect(try workspace.text("renders/fast.txt") == fastFilm())
    #expect(try workspace.buildAndListRun() == [])
  }

  @Test("-B runs everything again, -n nothing") func flags() throws {
    #expect(try workspace.buildAndListRun("-B") == Self.everything)
    try workspace.edit("campaign.yaml", "text: hello", to: "text: howdy")
    #expect(try workspace.reel("build", "-n").status == 0)
    #expect(try workspace.text("renders/fast.txt") == fastFilm())
    #expect(try workspace.buildAndListRun() == ["film", "work#1", "work#2", "work#3"])
  }

  @Test("says why each action ran") func why() throws {
    try workspace.edit("campaign.yaml", "text: hello", to: "text: howdy")
    _ = try workspace.buildAndListRun()
    let work = try workspace.records().filter { $0.node == "work" }
    #expect(work.count == 3 && work.allSatisfy { $0.why.contains("text") })
  }

  @Test("any number of jobs gives the same bytes", arguments: ["-j1", "-j4"]) func jobs(flag: String) throws {
    let other = try Workspace()
    other.plugins = workspace.plugins
    try other.write("campaign.yaml", fastCampaign())
    _ = try other.buildAndListRun(flag)
    #expect(try other.bytes("renders/fast.txt") == workspace.bytes("renders/fast.txt"))
  }

  @Test("a market's text runs that market's nodes alone") func matrix() throws {
    let markets = "id,text\nuk,hello\nae,مرحبا\n"
    try workspace.write("markets.csv", markets)
    try workspace.write(
      "campaign.yaml",
      fastCampaign(text: "\"${matrix.market.text}\"").replacing(
        "stages:", with: "matrix: {market: {from: markets.csv}}\nstages:"
      )
      .replacing("${name}", with: "${name}-${matrix.market.id}"))
    let first = try workspace.buildAndListRun()
    #expect(
      first.filter { $0.contains("@market=ae") } == [
        "film@market=ae", "work@market=ae#1", "work@market=ae#2", "work@market=ae#3",
      ])
    #expect(!first.contains { $0.hasPrefix("shots") })
    try workspace.write("markets.csv", markets.replacing("مرحبا", with: "أهلا"))
    #expect(
      try workspace.buildAndListRun() == [
        "film@market=ae", "work@market=ae#1", "work@market=ae#2", "work@market=ae#3",
      ])
    #expect(try workspace.text("renders/fast-ae.txt") == fastFilm(text: "أهلا"))
    try workspace.write("markets.csv", markets)
    #expect(try workspace.buildAndListRun() == [])
  }
}
