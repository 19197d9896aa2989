// What the documentation tells people to write, compiled and run as it stands there.

import Testing

@Suite struct DocumentationTests {
  @Test("the stage of the article 'Writing a stage' compiles outside of the package and runs")
  func stageOfTheArticle() throws {
    let article = String(
      decoding: try contents(of: "\(Built.project)/Sources/Core/ReelStage/ReelStage.docc/WritingAStage.md"),
      as: UTF8.self)
    let begin = try #require(article.firstRange(of: "```swift\n"))
    let end = try #require(article[begin.upperBound...].firstRange(of: "```"))

    let workspace = try Workspace()
    #expect(try workspace.reel("init", "--plugin", "soft-focus").status == 0)
    // What 'reel init' writes is what the article shows.
    #expect(try workspace.text("SoftFocus.swift") == article[begin.upperBound..<end.lowerBound])
    let compiler = try Running("./build", [], in: workspace.path, environment: ["REEL": Built.reel]).wait()
    try #require(compiler.status == 0, "\(compiler)")
    workspace.plugins = [workspace.path]
    try workspace.write(
      "campaign.yaml",
      """
      reel: 1
      name: soft
      stages:
        prompts: {stage: prompt-expansion, with: {brief: a red can, shots: 1, seconds: 0.5}}
        footage: {stage: patch-diffusion, in: {prompts: prompts}, with: {steps: 1}}
        soft: {stage: soft-focus, in: {frames: footage}, with: {strength: 100%}}
        small: {stage: upscaling, in: {frames: soft}, with: {size: 16x16}}
      outputs:
        pictures: small

      """)
    let (finished, records) = try workspace.build()
    #expect(finished.status == 0, "\(finished)")
    #expect(records.map(\.node) == ["prompts", "footage", "soft", "small"])
    // 100 % darker is black.
    let film = try Running(
      "ffmpeg", ["-v", "error", "-i", "pictures/000001.png", "-f", "rawvideo", "-pix_fmt", "rgb24", "black"],
      in: workspace.path
    ).wait()
    #expect(film.status == 0, "\(film)")
    #expect(try workspace.bytes("black") == [UInt8](repeating: 0, count: 16 * 16 * 3))
  }
}
