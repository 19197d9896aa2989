// `reel init` and `reel doctor`: how a user begins, and what helps where that fails.

import ReelJSON
import Testing

@Suite struct InitTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test("the new campaign builds as it stands: a film for each market") func campaign() throws {
    let made = try workspace.reel("init", "spring-ads")
    #expect(
      made.output == """
        wrote spring-ads/campaign.yaml
        wrote spring-ads/markets.csv
        wrote spring-ads/logo.png
        wrote spring-ads/README.md
        next: reel build -C spring-ads

        """)
    #expect(try workspace.reel("init", "a b/ü").output.hasSuffix("next: reel build -C 'a b/ü'\n"))
    let built = try workspace.reel("build", "-C", "spring-ads")
    #expect(built.status == 0, "\(built)")
    for market in ["en", "de"] {
      let probe = try Running(
        "ffprobe",
        [
          "-v", "error", "-show_entries", "stream=width,height,codec_name", "-of", "csv=p=0",
          "spring-ads/renders/spring-ads-\(market)-16x9.mp4",
        ], in: workspace.path
      ).wait()
      #expect(probe.output == "h264,640,360\n", "\(probe)")
    }
  }

  @Test("nothing is overwritten, and where one file is there none is written") func refusal() throws {
    try workspace.write("markets.csv", "mine")
    let refused = try workspace.reel("init")
    #expect(refused.status == 2)
    #expect(
      refused.errors
        == "./markets.csv: is already there; 'reel init' overwrites nothing, name another folder\n")
    #expect(try names(in: workspace.path) == ["markets.csv"])
  }

  @Test("a plugin's script builds it, and its campaign makes a film with it") func plugin() throws {
    #expect(try workspace.reel("init", "--plugin", "warm-glow", "glow").status == 0)
    #expect(try names(in: workspace.path + "/glow") == ["WarmGlow.swift", "build", "try.yaml"])
    let compiled = try Running("glow/build", [], in: workspace.path, environment: ["REEL": Built.reel]).wait()
    try #require(compiled.status == 0, "\(compiled)")
    let built = try workspace.reel("build", "-C", "glow", "-f", "try.yaml")
    #expect(built.status == 0, "\(built)")
    #expect(workspace.exists("glow/warm-glow.mp4"))
  }

  @Test("doctor finds a whole installation, its stages, the encoder and the fonts in order") func doctor()
    throws
  {
    let finished = try workspace.reel("doctor", "--json")
    #expect(finished.status == 0, "\(finished)")
    let findings = try #require(try JSON(parsing: finished.output).array)
    func state(_ subject: String) -> String? {
      findings.first { $0["subject"]?.string == subject }?["state"]?.string
    }
    for subject in [
      "reel", "core library", "processor", "stage encoding", "encoder", "fonts", "model embedded",
      "model upscaling", "store",
    ] {
      #expect(state(subject) == "ok", "\(subject)")
    }
    #expect(!findings.contains { $0["state"] != "ok" && $0["cure"] == nil })
    #expect(try names(in: workspace.path) == [])
  }

  @Test("a plugin cannot have the name of a stage that is there") func takenName() throws {
    let finished = try workspace.reel("init", "--plugin", "encoding", "mine")
    #expect(finished.status == 2)
    #expect(
      finished.errors.hasPrefix("reel init: option '--plugin' wants the name of a new stage; ")
        && finished.errors.hasSuffix("supplies this one, found 'encoding'\n"))
    #expect(!workspace.exists("mine"))
  }

  @Test("doctor tells what is wrong, and the cure") func illness() throws {
    try workspace.write("plugins/libEncoding.so", "not a plugin")
    let finished = try workspace.reel("doctor", "--plugins", "plugins", environment: ["REEL_CPU": "v9"])
    #expect(finished.status == 1)
    #expect(
      finished.output.contains(
        """
        error    stage encoding: \(workspace.path)/plugins/libEncoding.so: wanted a plugin (an ELF shared library), \
        found a text file
                 cure: build or install the plugin again, or take it away

        """))
    #expect(finished.output.contains("error    processor: REEL_CPU is 'v9', and this machine has baseline"))
    // Nothing can be said of fonts and encoder where every stage fails.
    #expect(!finished.output.contains("fonts-noto-core") && !finished.output.contains("libavcodec59"))
  }
}
