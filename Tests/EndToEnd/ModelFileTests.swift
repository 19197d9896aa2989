// Models that are one file or a folder, and a default that need not be there.

import Glibc
import Testing

@Suite struct ModelFileTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign(shots: ["a"]))
  }

  private func build(_ words: String..., models: String = "models") throws -> Finished {
    try workspace.start(["build"] + words, environment: ["REEL_MODELS": "\(workspace.path)/\(models)"]).wait()
  }

  private func film() throws -> String { try workspace.text("renders/fast.txt") }

  private func name(_ model: String) throws {
    try workspace.write(
      "campaign.yaml",
      fastCampaign(shots: ["a"]).replacing(
        "      text: hello\n", with: "      text: hello\n      model: \(model)\n"))
  }

  @Test("a default model is taken where it is found, and its content makes the key") func byDefault() throws {
    #expect(try build().status == 0)
    #expect(try film() == "\nhello a\n")
    try workspace.write("models/fast-words/words.txt", "world\n")
    #expect(try build().status == 0)
    #expect(try film() == "\nhello a\nworld\n")
    #expect(try build("--json", "actions.json").status == 0)
    #expect(try workspace.records().allSatisfy { $0.status == "cached" })
    try workspace.write("models/fast-words/words.txt", "moon\n")
    #expect(try build().status == 0)
    #expect(try film() == "\nhello a\nmoon\n")
  }

  @Test("a model may be one file, by its path or by its name, and its content makes the key") func oneFile()
    throws
  {
    try workspace.write("weights/mine.txt", "world\n")
    try name("weights/mine.txt")
    #expect(try workspace.buildAndListRun() == ["film", "shots", "work#1"])
    #expect(try film() == "\nhello a\nworld\n")
    #expect(try workspace.buildAndListRun() == [])
    // Another name of the same bytes runs nothing.
    try workspace.write("models/other.txt", "world\n")
    try name("other.txt")
    let run = try build("--json", "actions.json")
    #expect(run.status == 0, "\(run)")
    #expect(try workspace.records().allSatisfy { $0.status == "cached" })
    try workspace.write("models/other.txt", "moon\n")
    #expect(try build().status == 0)
    #expect(try film() == "\nhello a\nmoon\n")
  }

  @Test("what is no model is refused") func refused() throws {
    try workspace.write("weights/mine.onnx", "world\n")
    for (model, message) in [
      (
        "weights/mine.onnx",
        "model 'weights/mine.onnx' is no model; wanted a folder or a file such as '*.txt'"
      ),
      ("weights/none.txt", "model 'weights/none.txt' does not exist"),
      ("nothing.txt", "model 'nothing.txt' does not exist"),
    ] {
      try name(model)
      let run = try workspace.start(["build"], environment: [:]).wait()
      let wanted = "campaign.yaml:10:14: parameter 'model': \(message)"
      #expect(run.status == 2 && run.errors.hasPrefix(wanted), "\(run)")
    }
  }
}
