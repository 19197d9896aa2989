// What is found out before anything runs: parameters that the real stages refuse, outputs over inputs, pipes.

import Glibc
import Testing

@Suite struct PlanningChecksTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// A film of one shot with these layers.
  private func campaign(prompts: String = "brief: b", layers: String, outputs: String = "film.mp4: film")
    -> String
  {
    """
    reel: 1
    stages:
      prompts: {stage: prompt-expansion, with: {\(prompts)}}
      footage: {stage: patch-diffusion, in: {prompts: prompts}}
      branded:
        stage: ad-overlay
        in: {frames: footage}
        with:
          layers:
            \(layers)
      film: {stage: encoding, in: {frames: branded}, with: {for: preview}}
    outputs: {\(outputs)}

    """
  }

  private func expectRefusal(_ lines: [String]) throws {
    let (finished, records) = try workspace.build()
    #expect(finished.status == 2)
    #expect(finished.errors == lines.map { $0 + "\n" }.joined())
    #expect(records.isEmpty)
    #expect(try workspace.reel("plan").status == 2)
  }

  @Test("what stages refuse is told at once, with every place") func refusals() throws {
    try workspace.write(
      "campaign.yaml", campaign(prompts: "shots: 2", layers: "- {name: cta, text: a, box: {}}"))
    try expectRefusal([
      "campaign.yaml:3:3: node 'prompts': parameter 'brief': there is nothing to show; give a brief, or shots in 'shot_list'",
      "campaign.yaml:10:11: parameter 'layers[0]': a layer is one of text, image, box, card; found text and box",
    ])
  }

  @Test(
    "an overlay knows without a film what it cannot draw",
    arguments: [
      (
        "- {text: ' '}",
        "18: parameter 'layers[0].text': is empty; leave the layer out, or exclude the variant"
      ),
      (
        "- {name: a, text: x, below: b}",
        "37: parameter 'layers[0].below': layer 'a': no layer before this one has the name 'b'; none has a name"
      ),
      (
        "[{name: a, text: x}, {name: a, text: y}]",
        "37: parameter 'layers[1].name': 'a' is the name of an earlier layer; give another one"
      ),
      (
        "- {text: a, font: Nota Sans}",
        "27: parameter 'layers[0].font': no font family 'Nota Sans' is installed; did you mean 'Noto Sans'? Else install it, or name its file in 'fonts'"
      ),
      (
        "- {image: logo.png}",
        "19: parameter 'layers[0].image': file 'logo.png': not a PNG picture: it does not begin like one"
      ),
    ])
  func overlay(layers: String, message: String) throws {
    try workspace.write("logo.png", "no picture")
    try workspace.write("campaign.yaml", campaign(layers: layers))
    try expectRefusal(["campaign.yaml:10:" + message])
  }

  @Test("a cell of a feed cannot have the feed overwritten, nor can a link") func outputs() throws {
    workspace.plugins = [try FastStages.folder()]
    let feed = "id,o\nus,m.csv\n"
    try workspace.write("m.csv", feed)
    func campaign(_ output: String) -> String {
      """
      reel: 1
      matrix:
        m: {from: m.csv}
      stages:
        shots: {stage: shot-list, with: {shots: ["${matrix.m}"]}}
        work: {stage: shot-work, in: {prompts: shots}}
        film: {stage: shot-join, in: {frames: work}}
      outputs:
        \(output): film

      """
    }
    try workspace.write("campaign.yaml", campaign("${matrix.m.o}"))
    try expectRefusal(["campaign.yaml:9:3: output 'm.csv' is read by this pipeline; write it elsewhere"])
    try #require(symlink(".", workspace.path + "/here") == 0)
    for output in ["here/campaign.yaml", workspace.path + "/campaign.yaml"] {
      try workspace.write("campaign.yaml", campaign(output))
      try expectRefusal(["campaign.yaml:9:3: output '\(output)' is read by this pipeline; write it elsewhere"]
      )
    }
    try workspace.write("campaign.yaml", campaign("old"))
    try workspace.write("old/file", "")
    try expectRefusal([
      "campaign.yaml:9:3: output 'old': a folder stands there, wanted room for a file; move it away"
    ])
    #expect(try workspace.text("m.csv") == feed)
  }

  @Test("a pipe that is called a plugin is told, and nobody waits for it") func pipe() throws {
    workspace.plugins = [try FastStages.folder(), workspace.path + "/plugins"]
    try workspace.write("plugins/readme", "")
    let pipe = workspace.path + "/plugins/libNotThis.so"
    try #require(mkfifo(pipe, 0o644) == 0)
    try workspace.write("campaign.yaml", fastCampaign().replacing("shot-join", with: "not-this"))
    let finished = try workspace.reel("build")
    #expect(finished.status == 1)
    #expect(finished.errors.contains("\(pipe): wanted a plugin, found a pipe\n"))
    #expect(try workspace.reel("stages").errors == "\(pipe): wanted a plugin, found a pipe\n")
  }
}
