// Nodes that are repeated for each shot of a list that another node makes while the pipeline runs.

import Glibc
import Testing

@Suite struct ShotListTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write(
      "campaign.yaml",
      shotCampaign(
        shots:
          "{stage: prompt-expansion, with: {brief: a can, shot_list: [{id: a, prompt: push in}, {id: b, prompt: pull out}]}}",
        work: """

              stage: shot-work
              foreach: {shots: shots}
              in: {prompts: shots}
              with: {text: "${each.id} lasts ${each.seconds} s"}
          """))
  }

  @Test("each shot has an action of its own, with what is in its list") func actions() throws {
    #expect(
      try workspace.reel("plan").output == """
        would run   shots: new
        waits       work: for shots
        waits       film: for work
        waits       film.txt: for film
        1 would run, 2 wait, 0 cached

        """)
    #expect(try workspace.buildAndListRun() == ["film", "shots", "work#a", "work#b"])
    let lines = try workspace.text("film.txt").split(separator: "\n").filter { $0.contains("lasts") }
    #expect(lines.map { $0.prefix { $0 != "{" } } == ["a lasts 2 s ", "b lasts 2 s "])
    #expect(try workspace.buildAndListRun() == [])
  }

  @Test("a shot more runs that shot alone, and one that is gone leaves the others") func another() throws {
    _ = try workspace.buildAndListRun()
    try workspace.edit("campaign.yaml", "pull out}]", to: "pull out}, {id: c, prompt: orbit left}]")
    #expect(try workspace.buildAndListRun() == ["film", "shots", "work#c"])
    try workspace.edit("campaign.yaml", "{id: a, prompt: push in}, ", to: "")
    #expect(try workspace.buildAndListRun() == ["film", "shots"])
    #expect(!(try workspace.text("film.txt").contains("a lasts")))
  }

  @Test("what a shot makes wrong fails the node, with its place") func wrongShot() throws {
    try workspace.edit(
      "campaign.yaml", "text: \"${each.id} lasts ${each.seconds} s\"", to: "seconds: \"${each.prompt}\"")
    let (finished, records) = try workspace.build()
    #expect(finished.status == 1)
    #expect(
      records.map { "\($0) \($0.status)" }.sorted() == ["film skipped", "shots ran", "work failed"])
    #expect(
      finished.errors.hasPrefix(
        "work: campaign.yaml:9:21: parameter 'seconds': wanted a number from 0 to 60 seconds, found 'a can, push in"
      ))
    #expect(finished.errors.contains(" in shot 'a'\n") && finished.errors.hasSuffix(" in shot 'b'\n"))
    #expect(try workspace.reel("plan").output.contains("impossible  work: campaign.yaml:9:21: "))
  }

  @Test("a damaged shot list is made again") func damaged() throws {
    _ = try workspace.buildAndListRun()
    for folder in try names(in: workspace.path + "/.reel/blobs") {
      for blob in try names(in: "\(workspace.path)/.reel/blobs/\(folder)") {
        let name = ".reel/blobs/\(folder)/\(blob)"
        let bytes = try workspace.bytes(name)
        try #require(chmod("\(workspace.path)/\(name)", 0o644) == 0)
        try workspace.write(name, bytes.map { $0 == UInt8(ascii: "a") ? UInt8(ascii: "b") : $0 })
      }
    }
    // What is read is looked at: a build with nothing to do reads no artifact.
    try workspace.edit("campaign.yaml", " s\"", to: " seconds\"")
    #expect(try workspace.buildAndListRun().contains("shots"))
    #expect(try workspace.buildAndListRun() == [])
  }

  @Test("the files that shots name are watched, and a build with nothing to do looks at them alone")
  func files() throws {
    try workspace.edit(
      "campaign.yaml", "{text: \"${each.id} lasts ${each.seconds} s\"}", to: "{file: \"${each.id}.txt\"}")
    for name in ["a", "b"] { try workspace.write("\(name).txt", "\(name) is ") }
    // A file that is read right after it was written is looked at once more.
    pause(milliseconds: 50)
    _ = try workspace.buildAndListRun()
    let idle = try workspace.reel("build", "-d", "stats")
    #expect(idle.output.contains("0 ran, 4 cached"))
    #expect(!idle.output.contains("read the pipeline"))
    try workspace.write("b.txt", "b was ")
    #expect(try workspace.buildAndListRun() == ["film", "work#b"])
    #expect(try workspace.text("film.txt").contains("b was "))
    #expect(try workspace.buildAndListRun() == [])
  }

  @Test("a list of what is no shot is refused") func noShots() throws {
    try workspace.edit(
      "campaign.yaml",
      "prompt-expansion, with: {brief: a can, shot_list: [{id: a, prompt: push in}, {id: b, prompt: pull out}]}",
      to: "shot-list, with: {shots: [x]}")
    let finished = try workspace.reel("build")
    #expect(finished.status == 1)
    #expect(
      finished.errors
        == "work: 'foreach': part '1' is no shot: wanted seconds, seed, prompt, negative_prompt and choices\n"
    )
  }
}
