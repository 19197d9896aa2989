// Outputs that must not be written where they are to be: over what the pipeline reads, into the store, into each other.

import ReelPlanning
import ReelStage
import Testing

@Suite struct OutputPlaceTests {
  /// A pipeline with a feed, an include, a model and a logo, and these outputs from line 12.
  private func workspace(_ outputs: String, feed: String = "id,o\nus,x\n") -> Workspace {
    var workspace = Workspace(
      """
      reel: 1
      include: parts/base.yaml
      matrix: {m: {from: m.csv}}
      stages:
        p: {stage: prompt-expansion, with: {brief: b}}
        k: {stage: keyframe-generation, in: {prompts: p}, with: {model: models/wan}}
        f: {stage: patch-diffusion, in: {prompts: p}}
        o: {stage: ad-overlay, in: {frames: f}, with: {layers: [{image: art/logo.png, at: top}]}}
        w: {stage: prompt-expansion, with: {brief: b}}
        q: {stage: prompt-expansion, with: {brief: "${matrix.m.o}"}}
      outputs:

      """ + outputs.split(separator: "\n").map { "  \($0)\n" }.joined(),
      files: ["parts/base.yaml": "reel: 1\n", "m.csv": feed])
    workspace.assets = ["art/logo.png", "models/wan"]
    return workspace
  }

  @Test("what the pipeline reads is no output") func inputs() {
    #expect(
      workspace(
        """
        campaign.yaml: p
        ./parts/../m.csv: p
        parts/base.yaml: p
        art/logo.png: p
        models/wan/config.json: p
        art: o
        m.csv/a: p
        .reel: p
        .reel/index.sqlite: p
        fine.json: p
        """
      ).problems == [
        "campaign.yaml:12:3: output 'campaign.yaml' is read by this pipeline; write it elsewhere",
        "campaign.yaml:13:3: output './parts/../m.csv' is read by this pipeline; write it elsewhere",
        "campaign.yaml:14:3: output 'parts/base.yaml' is read by this pipeline; write it elsewhere",
        "campaign.yaml:15:3: output 'art/logo.png' is read by this pipeline; write it elsewhere",
        "campaign.yaml:16:3: output 'models/wan/config.json' lies in 'models/wan', which this pipeline reads; write it elsewhere",
        "campaign.yaml:17:3: output 'art' would take the place of 'art/logo.png', which this pipeline reads; write it elsewhere",
        "campaign.yaml:18:3: output 'm.csv/a' lies in 'm.csv', which this pipeline reads; write it elsewhere",
        "campaign.yaml:19:3: output '.reel' lies in the store '.reel', which is reel's own; write it elsewhere",
        "campaign.yaml:20:3: output '.reel/index.sqlite' lies in the store '.reel', which is reel's own; write it elsewhere",
      ])
  }

  @Test("a cell of the feed cannot aim an output at the feed") func cell() {
    #expect(
      workspace("${matrix.m.o}: q", feed: "id,o\nus,m.csv\n").problems == [
        "campaign.yaml:12:3: output 'm.csv' is read by this pipeline; write it elsewhere"
      ])
  }

  @Test("a link to a folder leads to the same place") func links() {
    var linked = workspace("link/logo.png: p")
    linked.links = ["link/logo.png": ["/x/art/logo.png"], "art/logo.png": ["/x/art/logo.png"]]
    #expect(
      linked.problems == [
        "campaign.yaml:12:3: output 'link/logo.png' is read by this pipeline; write it elsewhere"
      ])
  }

  @Test("a plugin in use is read too") func plugins() {
    var stages = StageCatalogue.tests
    stages.files = ["upscaling": "plugins/libUpscaling.so"]
    let error = #expect(throws: Diagnostics.self) {
      try workspace("plugins/libUpscaling.so: p").graph(stages)
    }
    #expect(
      error?.description
        == "campaign.yaml:12:3: output 'plugins/libUpscaling.so' is read by this pipeline; write it elsewhere"
    )
  }

  @Test("an output in another, a name too long, no name") func paths() {
    let long = String(repeating: "é", count: 128)
    #expect(
      workspace("r: o\nr/a.txt: p\n\(long): p\n\"\": p\n..: p").problems == [
        "campaign.yaml:13:3: output 'r/a.txt' lies in output 'r', which is declared at campaign.yaml:12:3",
        "campaign.yaml:14:3: output '\(String(repeating: "é", count: 80))…': a name in it has 256 bytes; wanted at most 255",
        "campaign.yaml:15:3: an output has an empty path; wanted the path of a file",
        "campaign.yaml:16:3: output '..': wanted a name at the end of its path",
      ])
  }

  @Test("what stands in the way is told before anything runs") func obstacles() {
    var occupied = workspace("a.json: p\nb: o\nc/d.json: p\nfine/e.json: p")
    occupied.kinds = ["a.json": .folder, "b": .file, "c": .pipe, "fine": .folder, "fine/e.json": .file]
    #expect(
      occupied.problems == [
        "campaign.yaml:12:3: output 'a.json': a folder stands there, wanted room for a file; move it away",
        "campaign.yaml:13:3: output 'b': a file stands there, wanted room for a folder; move it away",
        "campaign.yaml:14:3: output 'c/d.json': a pipe stands there, wanted room for a folder; move it away",
      ])
  }

  @Test("every wrong reference of a path has its own column") func columns() {
    #expect(
      workspace("é-${vars.a}-$${x}-${matrix.n}.json: p").problems == [
        "campaign.yaml:12:5: unknown variable 'a'", "campaign.yaml:12:21: unknown axis 'n'",
      ])
  }
}
